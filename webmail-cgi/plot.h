#ifndef CADUCEE_WEBMAIL_PLOT_H
#define CADUCEE_WEBMAIL_PLOT_H

#include "webmail-cgi/html_writer.h"

/* Bars of two series as SVG; cells are label, first, second, row by row. The table beside it says the same in numbers. */
/* All zero: the words of `nothing` instead. */
void plot_bars(struct html *, const char *title, const char *first, const char *second, const char *nothing,
               char *const *cells, size_t rows);

#endif
