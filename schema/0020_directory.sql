-- Back: yes, older programs read the mirror as before; SET STATISTICS -1 undoes it.
-- Whether a word of a search is rare (index) or in half the mirror (first rows that hold it) is known by a finer sample.
ALTER TABLE directory_entry ALTER fold SET STATISTICS 1000;
