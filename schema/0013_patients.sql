-- Back: yes, the daemons of before leave these columns and this table alone.
-- Patients: the notice a structure gives them, whom a patient's documents were shared with, what the writer overruled.
ALTER TABLE structure ADD COLUMN patient_notice text CHECK (length(patient_notice) <= 4000);
COMMENT ON COLUMN structure.patient_notice IS 'What the first message to a patient tells of the exchange; NULL: the text of the settings.';

-- The register is judged once more when a message leaves; not for the one that closes the exchange itself, nor for one
-- whose writer gave a reason in writing (the trace has it).
ALTER TABLE queue_message ADD COLUMN overrules_register boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN queue_message.overrules_register IS 'An opposition or a closed exchange does not withdraw this message.';

-- "Participe à la prise en charge ?", answered once for a patient and a correspondent outside the structure.
CREATE TABLE patient_sharing (
    structure_id       bigint NOT NULL REFERENCES structure,
    patient_hash       bytea NOT NULL,         -- keyed hash of the patient's address
    correspondent_hash bytea NOT NULL,         -- keyed hash of the professional's address
    stated_by          bigint REFERENCES person,
    stated             timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (structure_id, patient_hash, correspondent_hash)
);
COMMENT ON TABLE patient_sharing IS 'Who was said to take part in a patient''s care (CSP L1110-4), so that it is asked once.';
GRANT SELECT, INSERT ON patient_sharing TO caducee_webmail;
