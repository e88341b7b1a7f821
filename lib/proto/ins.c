#include "lib/proto/ins.h"

#include "lib/base/num.h"

static const struct {
    enum ins_authority authority;
    const char *oid;
} authorities[] = {
    {INS_NIR, "1.2.250.1.213.1.4.8"},
    {INS_NIA, "1.2.250.1.213.1.4.9"},
    {INS_TEST, "1.2.250.1.213.1.4.10"},
    {INS_DEMO, "1.2.250.1.213.1.4.11"},
};

enum ins_authority ins_authority_of(struct span oid)
{
    for (size_t i = 0; i < COUNT(authorities); i++)
        if (span_is(oid, authorities[i].oid))
            return authorities[i].authority;
    return INS_UNKNOWN;
}

const char *ins_oid(enum ins_authority authority)
{
    for (size_t i = 0; i < COUNT(authorities); i++)
        if (authorities[i].authority == authority)
            return authorities[i].oid;
    return "";
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* In Corsica the department's two characters, 2A and 2B, are worth 19 and 18. */
bool ins_key(struct span thirteen, unsigned *key)
{
    uint64_t number = 0;
    if (thirteen.n != 13)
        return false;
    for (size_t i = 0; i < 13; i++) {
        char c = thirteen.p[i];
        bool corsica = i == 6 && thirteen.p[5] == '2' && (c == 'A' || c == 'B' || c == 'a' || c == 'b');
        if (!is_digit(c) && !corsica)
            return false;
        if (corsica)
            number = number - 2 + 1; /* the department's first digit: 1 */
        unsigned digit = !corsica ? (unsigned)(c - '0') : (c | 0x20) == 'a' ? 9 : 8;
        number = number * 10 + digit;
    }
    *key = (unsigned)(97 - number % 97);
    return true;
}

static unsigned two(struct span at, size_t i)
{
    return (unsigned)(at.p[i] - '0') * 10 + (unsigned)(at.p[i + 1] - '0');
}

bool ins_read(struct span matricule, struct ins *ins)
{
    unsigned key;
    if (matricule.n != 15 || !ins_key((struct span){matricule.p, 13}, &key) || !is_digit(matricule.p[13]) ||
        !is_digit(matricule.p[14]) || two(matricule, 13) != key)
        return false;
    char first = matricule.p[0];
    if (!first || (first != '1' && first != '2' && first != '7' && first != '8'))
        return false;
    unsigned month = two(matricule, 3);
    char letter = matricule.p[6];
    *ins = (struct ins){.sex = first == '1' || first == '7' ? 'M' : 'F',
                        .year = two(matricule, 1),
                        .month = month >= 1 && month <= 12 ? month : 0,
                        .department = {matricule.p[5], (char)(letter >= 'a' ? letter - 32 : letter), '\0'}};
    return true;
}

bool ins_agrees(const struct ins *ins, struct span sex, struct span birth_date)
{
    uint64_t year, month;
    if (sex.n == 1 && (sex.p[0] == 'M' || sex.p[0] == 'F') && ins->sex != '?' && sex.p[0] != ins->sex)
        return false;
    if (birth_date.n < 7)
        return true;
    if (!num_u64((struct span){birth_date.p + 2, 2}, 99, &year) ||
        !num_u64((struct span){birth_date.p + 5, 2}, 12, &month))
        return false;
    return year == ins->year && (ins->month == 0 || month == ins->month);
}
