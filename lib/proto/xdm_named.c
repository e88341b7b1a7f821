#include "lib/proto/xdm_named.h"

#include "lib/proto/charset.h"

#define XDM_PREFIX "XDM/1.0/DDM+"
enum { NAMED_MAX = 16384, NAME_MAX_BYTES = 1024 /* a longer name is cut: this runs for every reader of the message */ };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* " octavio jean pierre ": without case, accents, or what stands between words. */
static void words_of(struct str *out, struct span text)
{
    struct str folded;
    str_init(&folded, NAMED_MAX);
    charset_fold_bare(&folded, text);
    str_putc(out, ' ');
    for (size_t i = 0; i < folded.len; i++) {
        uint8_t c = (uint8_t)folded.data[i];
        bool of_word = c >= 0x80 || (c >= 'a' && c <= 'z') || is_digit((char)c);
        if (of_word || out->data[out->len - 1] != ' ')
            str_putc(out, of_word ? (char)c : ' ');
    }
    if (out->data[out->len - 1] != ' ')
        str_putc(out, ' ');
    str_free(&folded);
}

/* All words of the name, in their order. */
static bool names(const struct str *words, struct span name)
{
    struct str wanted;
    str_init(&wanted, NAME_MAX_BYTES);
    words_of(&wanted, name);
    bool found = wanted.len > 1 && span_find(str_span(words), str_span(&wanted)) >= 0;
    str_free(&wanted);
    return found;
}

/* Any one of them: the usual first name need not be the first. */
static bool names_one_of(const struct str *words, struct span first_names)
{
    struct str all;
    struct span one;
    bool found = false;
    str_init(&all, NAME_MAX_BYTES);
    words_of(&all, first_names);
    struct span rest = str_span(&all);
    while (!found && rest.n > 0 && span_cut(&rest, ' ', &one))
        found = one.n > 0 && names(words, one);
    str_free(&all);
    return found;
}

static bool names_patient(struct span text, const struct xdm_patient *p)
{
    struct str words;
    str_init(&words, NAMED_MAX);
    words_of(&words, text);
    bool family = (!p->birth_name.n && !p->used_name.n) || names(&words, p->birth_name) || names(&words, p->used_name);
    bool first = !p->first_names.n || names_one_of(&words, p->first_names);
    str_free(&words);
    return family && first;
}

/* A last word "02/02/1937" against "1937-02-02". */
static bool date_agrees(struct span subject, struct span birth_date)
{
    enum { DATE = 10 };
    struct span text = span_trim(subject);
    if (text.n < DATE || birth_date.n != DATE)
        return true;
    const char *d = text.p + text.n - DATE, *b = birth_date.p;
    for (size_t i = 0; i < DATE; i++)
        if (i == 2 || i == 5 ? d[i] != '/' : !is_digit(d[i]))
            return true;
    const char turned[] = {b[8], b[9], '/', b[5], b[6], '/', b[0], b[1], b[2], b[3]};
    return span_eq((struct span){d, DATE}, (struct span){turned, DATE});
}

bool xdm_subject_agrees(struct span subject, const struct xdm_patient *p)
{
    struct span text = span_trim(subject);
    size_t prefix = sizeof(XDM_PREFIX) - 1;
    if (!span_starts_nocase(text, XDM_PREFIX))
        return true;
    text = (struct span){text.p + prefix, text.n - prefix};
    return names_patient(text, p) && date_agrees(text, p->birth_date);
}

bool xdm_pdf_name_agrees(struct span file_name, const struct xdm_patient *p)
{
    size_t fields = 0;
    for (size_t i = 0; i < file_name.n; i++)
        fields += file_name.p[i] == '_';
    for (size_t i = 0; i < 8; i++)
        if (i >= file_name.n || !is_digit(file_name.p[i]))
            return true;
    return fields < 3 || names_patient(file_name, p);
}
