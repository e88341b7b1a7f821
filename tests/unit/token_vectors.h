/* Tokens signed once by two throw-away providers, at 1795190400 (2026-11-20 16:00 UTC), with what a real one signs and what it
 * never would. Made by sandbox/psc/tokens.py; the private keys are gone. */
#ifndef CADUCEE_TESTS_TOKEN_VECTORS_H
#define CADUCEE_TESTS_TOKEN_VECTORS_H

#define TOKEN_NOW    1795190400
#define TOKEN_ISSUER "https://psc.example/auth/realms/esante-wallet"

#define TOKEN_JWKS                                                                                                     \
    "{\"keys\": [{\"kty\": \"RSA\", \"use\": \"sig\", \"alg\": \"RS256\", \"kid\": \"lzbgwBWLF-6FZn3nzEnj"             \
    "uB04LzOxm71snp3MeKhkxzY\", \"n\": \"rWg_HT1ZKC0_OOHDbOopL4Bx5ScigytPVNn5ZLCn8pfa6aHViN43lejeLlvHrYxB"             \
    "-VdMkXXDZU6pqSTkGC8RDrhb-OXzeS4_YhcPCpCR2JzczrSSlA1tdscoANnUEoCmDDmJ7mcPNJpJNCsrRuY5MK5rkarZGeOVwpQo"             \
    "5I77epVDoZaZwzOpSQaCW8PF-8FaO03jg78y0VlaUZCfaxr0TusOkxbxDxLbZ6b6mVS1xHnvrtlQiutLOQ8Adi6n2p1v7R5i23P3"             \
    "cKZiFAV-iKduQgba5_lDV2GzzMOMBugoY1dYhpXqcjRSc819EE6Q0NF5rY73iXK_dnvrpcQYFriKxQ\", \"e\": \"AQAB\"}, "             \
    "{\"kty\": \"EC\", \"use\": \"sig\", \"alg\": \"ES256\", \"crv\": \"P-256\", \"kid\": \"LXAJG6ajvNfIZ"             \
    "TntUuhl39eriwGR22q71JYcoEJnZSg\", \"x\": \"b9FBucpWCpy1KBNIr4m0TP3Y2pvqm1VyVJU-lVFNz48\", \"y\": \"n"             \
    "GClkzFyJop-YI_EPV4cBjYUn4Y78grwG4XronR5Wiw\"}]}"

#define TOKEN_GOOD                                                                                                     \
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Imx6Ymd3QldMRi02RlpuM256RW5qdUIwNEx6T3htNzFzbnAzTWVLaGt4"             \
    "elkifQ.eyJpc3MiOiJodHRwczovL3BzYy5leGFtcGxlL2F1dGgvcmVhbG1zL2VzYW50ZS13YWxsZXQiLCJ0eXAiOiJCZWFyZXIiL"             \
    "CJhenAiOiJkdWktMSIsImlhdCI6MTc5NTE5MDQwMCwiZXhwIjoxNzk1MTkwNjQwLCJhdXRoX3RpbWUiOjE3OTUxOTA0MDAsImp0a"             \
    "SI6ImZpeGVkIiwiYWNyIjoiZWlkYXMxIiwic2NvcGUiOiJvcGVuaWQgc2NvcGVfYWxsIiwic3ViIjoiZjo1NTBkYzFjOC1kOTdiL"             \
    "TRiMWUtYWM4Yy04ZWI0NDcxY2Y5ZGQ6ODk5NzAwMjQ1NjY3IiwicHJlZmVycmVkX3VzZXJuYW1lIjoiODk5NzAwMjQ1NjY3IiwiU"             \
    "3ViamVjdE5hbWVJRCI6Ijg5OTcwMDI0NTY2NyIsImdpdmVuX25hbWUiOiLDiWxvZGllIiwiZmFtaWx5X25hbWUiOiJNQVJUSU4iL"             \
    "CJzaWQiOiJzZXNzIiwic2Vzc2lvbl9zdGF0ZSI6InNlc3MifQ.k2rngiZjZ56kpxsDX69uv28FmgEaFviwGtWH67af97rjNlY1WL"             \
    "UzKDCzNCY8ZqCCSj5okE6AZY9R23EEyWPUymigaqmrm2MrFvkMrnGaOwEMN9bL7gLh5xA0kstCAQor8dq2i2ZNpWsT3oXKxNpz8E"             \
    "jr32a23SH4MqL_Er4mnYGjPYfD8DAYbsgd6t56Vft3ogwQfRo8hXlpwbYDSJu8GXLCSo1yqbI0Avr12QWkLLS9q0ESr1IbrAghZR"             \
    "AQm118HC_Ps7Hv29NVFUAFwKZXUOSy8BL8BdnU_eDa1xPIBEKr5Ke8AorLELpOCmoVORkj1xTh0ZqgQoYdRZAMIo38hg"

#define TOKEN_GOOD_PS256                                                                                               \
    "eyJhbGciOiJQUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Imx6Ymd3QldMRi02RlpuM256RW5qdUIwNEx6T3htNzFzbnAzTWVLaGt4"             \
    "elkifQ.eyJpc3MiOiJodHRwczovL3BzYy5leGFtcGxlL2F1dGgvcmVhbG1zL2VzYW50ZS13YWxsZXQiLCJ0eXAiOiJCZWFyZXIiL"             \
    "CJhenAiOiJkdWktMSIsImlhdCI6MTc5NTE5MDQwMCwiZXhwIjoxNzk1MTkwNjQwLCJhdXRoX3RpbWUiOjE3OTUxOTA0MDAsImp0a"             \
    "SI6ImZpeGVkIiwiYWNyIjoiZWlkYXMxIiwic2NvcGUiOiJvcGVuaWQgc2NvcGVfYWxsIiwic3ViIjoiZjo1NTBkYzFjOC1kOTdiL"             \
    "TRiMWUtYWM4Yy04ZWI0NDcxY2Y5ZGQ6ODk5NzAwMjQ1NjY3IiwicHJlZmVycmVkX3VzZXJuYW1lIjoiODk5NzAwMjQ1NjY3IiwiU"             \
    "3ViamVjdE5hbWVJRCI6Ijg5OTcwMDI0NTY2NyIsImdpdmVuX25hbWUiOiLDiWxvZGllIiwiZmFtaWx5X25hbWUiOiJNQVJUSU4iL"             \
    "CJzaWQiOiJzZXNzIiwic2Vzc2lvbl9zdGF0ZSI6InNlc3MifQ.mWSDjaRbPNIKPL3IP6uBKOZy9BpG46-yHhHwJ28ahjc44LIy9V"             \
    "DXDarBVIwi-TGRKwaKRsrd0f1kdHM0-DvnhmLiuRrQ93jLA5qLZVDUmpmnfd1QJVVauEaO_P-wBqMnugA48BSkL9tSnwoVwejxLw"             \
    "Kp50VcL44W92mNqTNC_YKQCFYe2cPEb18asvilfNfteBs7SV-K6gVGoI7BEJ3VyqXv-8b1S5WWvA8SfQSCKZaqi_Fkw2N6cSRC5s"             \
    "Ew1RPuMyIj2Z3Q_NwFKX8ixvXxCMQVxi_d8BPf-xojx1ksi8cfaO-bNySfXVRiFZmGPhan36nT-NSo86t2v1WJDDGB6Q"

#define TOKEN_GOOD_ES256                                                                                               \
    "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6IkxYQUpHNmFqdk5mSVpUbnRVdWhsMzllcml3R1IyMnE3MUpZY29FSm5a"             \
    "U2cifQ.eyJpc3MiOiJodHRwczovL3BzYy5leGFtcGxlL2F1dGgvcmVhbG1zL2VzYW50ZS13YWxsZXQiLCJ0eXAiOiJCZWFyZXIiL"             \
    "CJhenAiOiJkdWktMSIsImlhdCI6MTc5NTE5MDQwMCwiZXhwIjoxNzk1MTkwNjQwLCJhdXRoX3RpbWUiOjE3OTUxOTA0MDAsImp0a"             \
    "SI6ImZpeGVkIiwiYWNyIjoiZWlkYXMxIiwic2NvcGUiOiJvcGVuaWQgc2NvcGVfYWxsIiwic3ViIjoiZjo1NTBkYzFjOC1kOTdiL"             \
    "TRiMWUtYWM4Yy04ZWI0NDcxY2Y5ZGQ6ODk5NzAwMjQ1NjY3IiwicHJlZmVycmVkX3VzZXJuYW1lIjoiODk5NzAwMjQ1NjY3IiwiU"             \
    "3ViamVjdE5hbWVJRCI6Ijg5OTcwMDI0NTY2NyIsImdpdmVuX25hbWUiOiLDiWxvZGllIiwiZmFtaWx5X25hbWUiOiJNQVJUSU4iL"             \
    "CJzaWQiOiJzZXNzIiwic2Vzc2lvbl9zdGF0ZSI6InNlc3MifQ.dJZ2MKglo4CMN5UcNlUUnaHtBy6MgFW8iWH5716lxwxuTGKtlp"             \
    "ZrGNRAdTlSOavnmMcBhyOy6dYS2Yx0gxNtvg"

#define TOKEN_NONE                                                                                                     \
    "eyJhbGciOiJub25lIiwidHlwIjoiSldUIiwia2lkIjoibHpiZ3dCV0xGLTZGWm4zbnpFbmp1QjA0THpPeG03MXNucDNNZUtoa3h6"             \
    "WSJ9.eyJpc3MiOiJodHRwczovL3BzYy5leGFtcGxlL2F1dGgvcmVhbG1zL2VzYW50ZS13YWxsZXQiLCJ0eXAiOiJCZWFyZXIiLCJ"             \
    "henAiOiJkdWktMSIsImlhdCI6MTc5NTE5MDQwMCwiZXhwIjoxNzk1MTkwNjQwLCJhdXRoX3RpbWUiOjE3OTUxOTA0MDAsImp0aSI"             \
    "6ImZpeGVkIiwiYWNyIjoiZWlkYXMxIiwic2NvcGUiOiJvcGVuaWQgc2NvcGVfYWxsIiwic3ViIjoiZjo1NTBkYzFjOC1kOTdiLTR"             \
    "iMWUtYWM4Yy04ZWI0NDcxY2Y5ZGQ6ODk5NzAwMjQ1NjY3IiwicHJlZmVycmVkX3VzZXJuYW1lIjoiODk5NzAwMjQ1NjY3IiwiU3V"             \
    "iamVjdE5hbWVJRCI6Ijg5OTcwMDI0NTY2NyIsImdpdmVuX25hbWUiOiLDiWxvZGllIiwiZmFtaWx5X25hbWUiOiJNQVJUSU4iLCJ"             \
    "zaWQiOiJzZXNzIiwic2Vzc2lvbl9zdGF0ZSI6InNlc3MifQ."

#define TOKEN_HS256                                                                                                    \
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Imx6Ymd3QldMRi02RlpuM256RW5qdUIwNEx6T3htNzFzbnAzTWVLaGt4"             \
    "elkifQ.eyJpc3MiOiJodHRwczovL3BzYy5leGFtcGxlL2F1dGgvcmVhbG1zL2VzYW50ZS13YWxsZXQiLCJ0eXAiOiJCZWFyZXIiL"             \
    "CJhenAiOiJkdWktMSIsImlhdCI6MTc5NTE5MDQwMCwiZXhwIjoxNzk1MTkwNjQwLCJhdXRoX3RpbWUiOjE3OTUxOTA0MDAsImp0a"             \
    "SI6ImZpeGVkIiwiYWNyIjoiZWlkYXMxIiwic2NvcGUiOiJvcGVuaWQgc2NvcGVfYWxsIiwic3ViIjoiZjo1NTBkYzFjOC1kOTdiL"             \
    "TRiMWUtYWM4Yy04ZWI0NDcxY2Y5ZGQ6ODk5NzAwMjQ1NjY3IiwicHJlZmVycmVkX3VzZXJuYW1lIjoiODk5NzAwMjQ1NjY3IiwiU"             \
    "3ViamVjdE5hbWVJRCI6Ijg5OTcwMDI0NTY2NyIsImdpdmVuX25hbWUiOiLDiWxvZGllIiwiZmFtaWx5X25hbWUiOiJNQVJUSU4iL"             \
    "CJzaWQiOiJzZXNzIiwic2Vzc2lvbl9zdGF0ZSI6InNlc3MifQ.Ap7JgPF9Me7NeDoyLDjBDHc4jfgg7hHcgkQZHZePxO4"

#define TOKEN_UNKNOWN_KID                                                                                              \
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InVua25vd24ifQ.eyJpc3MiOiJodHRwczovL3BzYy5leGFtcGxlL2F1d"             \
    "GgvcmVhbG1zL2VzYW50ZS13YWxsZXQiLCJ0eXAiOiJCZWFyZXIiLCJhenAiOiJkdWktMSIsImlhdCI6MTc5NTE5MDQwMCwiZXhwI"             \
    "joxNzk1MTkwNjQwLCJhdXRoX3RpbWUiOjE3OTUxOTA0MDAsImp0aSI6ImZpeGVkIiwiYWNyIjoiZWlkYXMxIiwic2NvcGUiOiJvc"             \
    "GVuaWQgc2NvcGVfYWxsIiwic3ViIjoiZjo1NTBkYzFjOC1kOTdiLTRiMWUtYWM4Yy04ZWI0NDcxY2Y5ZGQ6ODk5NzAwMjQ1NjY3I"             \
    "iwicHJlZmVycmVkX3VzZXJuYW1lIjoiODk5NzAwMjQ1NjY3IiwiU3ViamVjdE5hbWVJRCI6Ijg5OTcwMDI0NTY2NyIsImdpdmVuX"             \
    "25hbWUiOiLDiWxvZGllIiwiZmFtaWx5X25hbWUiOiJNQVJUSU4iLCJzaWQiOiJzZXNzIiwic2Vzc2lvbl9zdGF0ZSI6InNlc3Mif"             \
    "Q.EOU_RaJXIoVR_accCwvwDDutWLEpAmCuo8Tnu7Cj9C2R49sp9W6Q-aaQMk_VcRsMLQBgEgWukj6kR84lB1Vnvmq2E8WC9nItun"             \
    "Bfny8PBedeLGrcTIl6Rr00QTS7RXhnk6Ms-ftompSSoiqBhKYl8DtONgWP4v73HKm20pNq2LbAndK1J1ELkzFZgmNYNKt_bEiBQH"             \
    "_ITNFuSI-xCaOqKagT1VWNjobAN8uFwb2P9oRWMLEfVViwHVmIUrczk1Bb58yEfgQRpf_TiNTtX4GchLcQNh8G8GKWVKgUZhnzY8"             \
    "CETFPz0kBiMHoyV7W72ZcNi8TvhrFROOJobZAqTObgmA"

#define TOKEN_OTHER_KEY                                                                                                \
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Imx6Ymd3QldMRi02RlpuM256RW5qdUIwNEx6T3htNzFzbnAzTWVLaGt4"             \
    "elkifQ.eyJpc3MiOiJodHRwczovL3BzYy5leGFtcGxlL2F1dGgvcmVhbG1zL2VzYW50ZS13YWxsZXQiLCJ0eXAiOiJCZWFyZXIiL"             \
    "CJhenAiOiJkdWktMSIsImlhdCI6MTc5NTE5MDQwMCwiZXhwIjoxNzk1MTkwNjQwLCJhdXRoX3RpbWUiOjE3OTUxOTA0MDAsImp0a"             \
    "SI6ImZpeGVkIiwiYWNyIjoiZWlkYXMxIiwic2NvcGUiOiJvcGVuaWQgc2NvcGVfYWxsIiwic3ViIjoiZjo1NTBkYzFjOC1kOTdiL"             \
    "TRiMWUtYWM4Yy04ZWI0NDcxY2Y5ZGQ6ODk5NzAwMjQ1NjY3IiwicHJlZmVycmVkX3VzZXJuYW1lIjoiODk5NzAwMjQ1NjY3IiwiU"             \
    "3ViamVjdE5hbWVJRCI6Ijg5OTcwMDI0NTY2NyIsImdpdmVuX25hbWUiOiLDiWxvZGllIiwiZmFtaWx5X25hbWUiOiJNQVJUSU4iL"             \
    "CJzaWQiOiJzZXNzIiwic2Vzc2lvbl9zdGF0ZSI6InNlc3MifQ.S8zAvTykd2vx0I6NdF_od797ZMduYBkS7gekOw-I5XgfWdMmdb"             \
    "RVPmjnkY5tiibf0KiEH5vIQsL39nnvzyqMdeF8zrPrPkWKHGaGX0snfCU9TplUX79vjRdRA-RX81PJLWIEwTyPeYxVYK2RrxrNaV"             \
    "GGeoiUaRQTaje8oenJ-b_QaPCR4i7rj6yN8wEbaHsFu5-rp_MVbJnZ1AUnNQswaobejQ_ENmmGj1386NQ0FxU63Doqu_hCxtAIk-"             \
    "ktr8R2PrX_1So5Qo98mcYphpvC7nqGfrLV7jMYBw6CuewLUIhyfavjgwq-sM_JIAjhSt9Gm-kYw0dF-KQ8YjN9ltT4fw"

#define TOKEN_KEY_CONFUSED                                                                                             \
    "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Imx6Ymd3QldMRi02RlpuM256RW5qdUIwNEx6T3htNzFzbnAzTWVLaGt4"             \
    "elkifQ.eyJpc3MiOiJodHRwczovL3BzYy5leGFtcGxlL2F1dGgvcmVhbG1zL2VzYW50ZS13YWxsZXQiLCJ0eXAiOiJCZWFyZXIiL"             \
    "CJhenAiOiJkdWktMSIsImlhdCI6MTc5NTE5MDQwMCwiZXhwIjoxNzk1MTkwNjQwLCJhdXRoX3RpbWUiOjE3OTUxOTA0MDAsImp0a"             \
    "SI6ImZpeGVkIiwiYWNyIjoiZWlkYXMxIiwic2NvcGUiOiJvcGVuaWQgc2NvcGVfYWxsIiwic3ViIjoiZjo1NTBkYzFjOC1kOTdiL"             \
    "TRiMWUtYWM4Yy04ZWI0NDcxY2Y5ZGQ6ODk5NzAwMjQ1NjY3IiwicHJlZmVycmVkX3VzZXJuYW1lIjoiODk5NzAwMjQ1NjY3IiwiU"             \
    "3ViamVjdE5hbWVJRCI6Ijg5OTcwMDI0NTY2NyIsImdpdmVuX25hbWUiOiLDiWxvZGllIiwiZmFtaWx5X25hbWUiOiJNQVJUSU4iL"             \
    "CJzaWQiOiJzZXNzIiwic2Vzc2lvbl9zdGF0ZSI6InNlc3MifQ.3Y_BV3WlR7JaPMlDEbpL-GJfp95YwjC26VXYSsg2DLYgMNAy4H"             \
    "_iM2J1CK9bYSJtZFi3kL25-IM0uJAji5gQCg"

#define TOKEN_OLD                                                                                                      \
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Imx6Ymd3QldMRi02RlpuM256RW5qdUIwNEx6T3htNzFzbnAzTWVLaGt4"             \
    "elkifQ.eyJpc3MiOiJodHRwczovL3BzYy5leGFtcGxlL2F1dGgvcmVhbG1zL2VzYW50ZS13YWxsZXQiLCJ0eXAiOiJCZWFyZXIiL"             \
    "CJhenAiOiJkdWktMSIsImlhdCI6MTc5NTE5MDQwMCwiZXhwIjoxNzk1MTkwMzk5LCJhdXRoX3RpbWUiOjE3OTUxOTA0MDAsImp0a"             \
    "SI6ImZpeGVkIiwiYWNyIjoiZWlkYXMxIiwic2NvcGUiOiJvcGVuaWQgc2NvcGVfYWxsIiwic3ViIjoiZjo1NTBkYzFjOC1kOTdiL"             \
    "TRiMWUtYWM4Yy04ZWI0NDcxY2Y5ZGQ6ODk5NzAwMjQ1NjY3IiwicHJlZmVycmVkX3VzZXJuYW1lIjoiODk5NzAwMjQ1NjY3IiwiU"             \
    "3ViamVjdE5hbWVJRCI6Ijg5OTcwMDI0NTY2NyIsImdpdmVuX25hbWUiOiLDiWxvZGllIiwiZmFtaWx5X25hbWUiOiJNQVJUSU4iL"             \
    "CJzaWQiOiJzZXNzIiwic2Vzc2lvbl9zdGF0ZSI6InNlc3MifQ.HMOzTeRMAPvLrpvqQuonq8C3uXxryeBicjdhZIzm2qcSexFAiX"             \
    "RWMoxFV_cjL3rhtkEKi_K_uC9re1uLfkCn6vnaOVAaowLYFufMthbphZMlzh7VMeI0Lf1lA5gn7YqNvviKBJBcnCxtWoNXu0p7Kk"             \
    "LWVUBZmnKOgiCk8_oEGQU_ZVDjAn-8pgGr1OAq0eZu7eprx5m5mOW-gsuQ2jqh13XubS9MgH9oAuShH3HrN_UDapW6ewG8FbI0hN"             \
    "9WKExfENFMOvcgNsfnsOOF6iNHw1o4H1vg6SsuvMziKVf7MHJbeXaCzXlFObUOB4HcONBOX6qclMbYNVyFqnA2c7D43A"

#define TOKEN_FUTURE                                                                                                   \
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Imx6Ymd3QldMRi02RlpuM256RW5qdUIwNEx6T3htNzFzbnAzTWVLaGt4"             \
    "elkifQ.eyJpc3MiOiJodHRwczovL3BzYy5leGFtcGxlL2F1dGgvcmVhbG1zL2VzYW50ZS13YWxsZXQiLCJ0eXAiOiJCZWFyZXIiL"             \
    "CJhenAiOiJkdWktMSIsImlhdCI6MTc5NTE5MDQwMCwiZXhwIjoxNzk1MTkwNjQwLCJhdXRoX3RpbWUiOjE3OTUxOTA0MDAsImp0a"             \
    "SI6ImZpeGVkIiwiYWNyIjoiZWlkYXMxIiwic2NvcGUiOiJvcGVuaWQgc2NvcGVfYWxsIiwic3ViIjoiZjo1NTBkYzFjOC1kOTdiL"             \
    "TRiMWUtYWM4Yy04ZWI0NDcxY2Y5ZGQ6ODk5NzAwMjQ1NjY3IiwicHJlZmVycmVkX3VzZXJuYW1lIjoiODk5NzAwMjQ1NjY3IiwiU"             \
    "3ViamVjdE5hbWVJRCI6Ijg5OTcwMDI0NTY2NyIsImdpdmVuX25hbWUiOiLDiWxvZGllIiwiZmFtaWx5X25hbWUiOiJNQVJUSU4iL"             \
    "CJzaWQiOiJzZXNzIiwic2Vzc2lvbl9zdGF0ZSI6InNlc3MiLCJuYmYiOjE3OTUxOTQwMDB9.PB-f4RLH9JQ_MhrkaQNbn4UvYM2c"             \
    "an07RNd970k3VKvwMjb5M8X88DsKuGnrTjedhlCohXCKmcUh7uvTmafQXoDCfO_cVFYUMCYzanqSKzCfPE8JEL9p-fmDZYLQ-JRj"             \
    "frkgNdGuXomOoMbxksyTo5u06WaMYNpWb0PtLN9ZYjfHDvbrbaq3o5bVsNJ8zi9SzPHo_3J6Xv9Cd_K0_qXlAkWolWMvyf1SIKwv"             \
    "_rc1Nogarvrky9pQ36xChLGEZxt-ntnyaygEMvHlmAlk-_KLoKB_T-srKdVirZ_WKTTbD4me0w6OGTf71Go4V2om6D27DEfWPvXV"             \
    "NuelMMrMVfw4bA"

#define TOKEN_OTHER_ISSUER                                                                                             \
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Imx6Ymd3QldMRi02RlpuM256RW5qdUIwNEx6T3htNzFzbnAzTWVLaGt4"             \
    "elkifQ.eyJpc3MiOiJodHRwczovL2V2aWwuZXhhbXBsZSIsInR5cCI6IkJlYXJlciIsImF6cCI6ImR1aS0xIiwiaWF0IjoxNzk1M"             \
    "TkwNDAwLCJleHAiOjE3OTUxOTA2NDAsImF1dGhfdGltZSI6MTc5NTE5MDQwMCwianRpIjoiZml4ZWQiLCJhY3IiOiJlaWRhczEiL"             \
    "CJzY29wZSI6Im9wZW5pZCBzY29wZV9hbGwiLCJzdWIiOiJmOjU1MGRjMWM4LWQ5N2ItNGIxZS1hYzhjLThlYjQ0NzFjZjlkZDo4O"             \
    "Tk3MDAyNDU2NjciLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiI4OTk3MDAyNDU2NjciLCJTdWJqZWN0TmFtZUlEIjoiODk5NzAwMjQ1N"             \
    "jY3IiwiZ2l2ZW5fbmFtZSI6IsOJbG9kaWUiLCJmYW1pbHlfbmFtZSI6Ik1BUlRJTiIsInNpZCI6InNlc3MiLCJzZXNzaW9uX3N0Y"             \
    "XRlIjoic2VzcyJ9.VL5kFk3oDyTj9OGHm8hK48-yxUod8CQ95N_6czV4809zt_mj1VEStC7R3P1doC8_dZp5U8d82Ic7mVVz5-rC"             \
    "pQoYOIZNVGH1k6JcBGRiy3NKTaM2SOiKiKiTfQv6Ij_t0ga8-_XQaerP6cM4Cibr5KkloD0b_p1M5wFx02fLsWHvjzolkKf5Q_vK"             \
    "azziJ1HcaBSIUpu_Sy18jOhN8JvVLAoPX-6F8iGGFKzYTIp7TCeFt68wWJVe7FlTU7VuRh5poFeN-NR9bYd_ShMto9Ti8wpRXpVe"             \
    "4m0bpCZY-qz3ynYpwFR7bMoOy1R_cxf-5GQr4UUvxQirBdT2OjcsulPCnQ"

#define TOKEN_REFRESH                                                                                                  \
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Imx6Ymd3QldMRi02RlpuM256RW5qdUIwNEx6T3htNzFzbnAzTWVLaGt4"             \
    "elkifQ.eyJpc3MiOiJodHRwczovL3BzYy5leGFtcGxlL2F1dGgvcmVhbG1zL2VzYW50ZS13YWxsZXQiLCJ0eXAiOiJSZWZyZXNoI"             \
    "iwiYXpwIjoiZHVpLTEiLCJpYXQiOjE3OTUxOTA0MDAsImV4cCI6MTc5NTE5MDY0MCwiYXV0aF90aW1lIjoxNzk1MTkwNDAwLCJqd"             \
    "GkiOiJmaXhlZCIsImFjciI6ImVpZGFzMSIsInNjb3BlIjoib3BlbmlkIHNjb3BlX2FsbCIsInN1YiI6ImY6NTUwZGMxYzgtZDk3Y"             \
    "i00YjFlLWFjOGMtOGViNDQ3MWNmOWRkOjg5OTcwMDI0NTY2NyIsInByZWZlcnJlZF91c2VybmFtZSI6Ijg5OTcwMDI0NTY2NyIsI"             \
    "lN1YmplY3ROYW1lSUQiOiI4OTk3MDAyNDU2NjciLCJnaXZlbl9uYW1lIjoiw4lsb2RpZSIsImZhbWlseV9uYW1lIjoiTUFSVElOI"             \
    "iwic2lkIjoic2VzcyIsInNlc3Npb25fc3RhdGUiOiJzZXNzIn0.ZyXHlFK9RJPY-tDyLWea3ddyy9xWEFYJi3CbaiLPm-4SugD8-"             \
    "czORZ1eCFf7loVwWO5CYKlOsTikhaJBu9keifunMdw5-Z_AOjz-7tCggAx-MWOOE5R99OKtvIE9iRiaKRC7naeP_lxM5-2PAr3m3"             \
    "nCtfZVbD1BmGpvAlm8l0FFHsUabzXVWjT7M8cYBUNVZWKxVx_1_noP-zYl-059hWRm6ZpBPNI9M8KZKRy7S9aoqAi0dSvEwWrPp-"             \
    "-706GsDcvi9--oh51blwgh7Vp801uKR7qkjGGq6ijECbEzA4gqn3GXk7NRShXZF9B6-GFWisPmBZ9_BYs9v2jkhngv3RQ"

#define TOKEN_OTHER_CLIENT                                                                                             \
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Imx6Ymd3QldMRi02RlpuM256RW5qdUIwNEx6T3htNzFzbnAzTWVLaGt4"             \
    "elkifQ.eyJpc3MiOiJodHRwczovL3BzYy5leGFtcGxlL2F1dGgvcmVhbG1zL2VzYW50ZS13YWxsZXQiLCJ0eXAiOiJCZWFyZXIiL"             \
    "CJhenAiOiJvdGhlciIsImlhdCI6MTc5NTE5MDQwMCwiZXhwIjoxNzk1MTkwNjQwLCJhdXRoX3RpbWUiOjE3OTUxOTA0MDAsImp0a"             \
    "SI6ImZpeGVkIiwiYWNyIjoiZWlkYXMxIiwic2NvcGUiOiJvcGVuaWQgc2NvcGVfYWxsIiwic3ViIjoiZjo1NTBkYzFjOC1kOTdiL"             \
    "TRiMWUtYWM4Yy04ZWI0NDcxY2Y5ZGQ6ODk5NzAwMjQ1NjY3IiwicHJlZmVycmVkX3VzZXJuYW1lIjoiODk5NzAwMjQ1NjY3IiwiU"             \
    "3ViamVjdE5hbWVJRCI6Ijg5OTcwMDI0NTY2NyIsImdpdmVuX25hbWUiOiLDiWxvZGllIiwiZmFtaWx5X25hbWUiOiJNQVJUSU4iL"             \
    "CJzaWQiOiJzZXNzIiwic2Vzc2lvbl9zdGF0ZSI6InNlc3MifQ.E_nEk6QJdiz7l1rdk8a8v2cYrTvj06g4ngMzrZfMPIWBlCNpge"             \
    "PVAg4rmEeFkEHUgSpmRzyc_t5JUBYqdB3WyvBLzPfdoKgahlglfdJTIuqfOBNobNjS136Sw2rI2IbzN12RG0zrcET2y4o40EeMU8"             \
    "Nre6wzMSOG6EZ8GSk0eu8EvkTar9yYJgZRiQmfc0Mqpmg6rl_T8Hlm5WTbWvm953ZNipe59BO4i2lUonMoQLoLgzto4GSIPr_qEG"             \
    "qWpWzMz2Zd6HpYAi5Zp12wem-OAUuzGV5DPwd4ukSUGFdlKemacYSnLkR4yd2adH87mutd70fZE4VpFngSe907qm2lNw"

#define TOKEN_NO_CLIENT                                                                                                \
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Imx6Ymd3QldMRi02RlpuM256RW5qdUIwNEx6T3htNzFzbnAzTWVLaGt4"             \
    "elkifQ.eyJpc3MiOiJodHRwczovL3BzYy5leGFtcGxlL2F1dGgvcmVhbG1zL2VzYW50ZS13YWxsZXQiLCJ0eXAiOiJCZWFyZXIiL"             \
    "CJpYXQiOjE3OTUxOTA0MDAsImV4cCI6MTc5NTE5MDY0MCwiYXV0aF90aW1lIjoxNzk1MTkwNDAwLCJqdGkiOiJmaXhlZCIsImFjc"             \
    "iI6ImVpZGFzMSIsInNjb3BlIjoib3BlbmlkIHNjb3BlX2FsbCIsInN1YiI6ImY6NTUwZGMxYzgtZDk3Yi00YjFlLWFjOGMtOGViN"             \
    "DQ3MWNmOWRkOjg5OTcwMDI0NTY2NyIsInByZWZlcnJlZF91c2VybmFtZSI6Ijg5OTcwMDI0NTY2NyIsIlN1YmplY3ROYW1lSUQiO"             \
    "iI4OTk3MDAyNDU2NjciLCJnaXZlbl9uYW1lIjoiw4lsb2RpZSIsImZhbWlseV9uYW1lIjoiTUFSVElOIiwic2lkIjoic2VzcyIsI"             \
    "nNlc3Npb25fc3RhdGUiOiJzZXNzIn0.dAM7Q0gqO_yCFzSApfAhSIu3Z7a4p0uqqionqGY_ikKSvrKKTjKWC6hxICHv-XYcSLEij"             \
    "JnPgpMrnVsHIhoCRWTlplttHgyWBooVF7ZNE0RvxmdrOv4JvCSQQnso0vNIKPYWP2L4ozd3xUY95D3SlU4sWgFspDC4gtLZMoWNn"             \
    "UrqT1Q9JT4snwbe9QwdLliMuIxmMba8wJVyV5IXc-AQzBZdY2TvGg5sCZqpscUQaY7CkWONvq80KW8kUl7o-fLRNW5fD3HkQpaZV"             \
    "oaUp-TYP2mHOmPL4tHQ-3_4WybE6GgQYrQEjuEkIeDjMqlFzf5qSjJDpM5eDfELZCUm6ggJTw"

#define TOKEN_AUD_OTHER                                                                                                \
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Imx6Ymd3QldMRi02RlpuM256RW5qdUIwNEx6T3htNzFzbnAzTWVLaGt4"             \
    "elkifQ.eyJpc3MiOiJodHRwczovL3BzYy5leGFtcGxlL2F1dGgvcmVhbG1zL2VzYW50ZS13YWxsZXQiLCJ0eXAiOiJCZWFyZXIiL"             \
    "CJhenAiOiJkdWktMSIsImlhdCI6MTc5NTE5MDQwMCwiZXhwIjoxNzk1MTkwNjQwLCJhdXRoX3RpbWUiOjE3OTUxOTA0MDAsImp0a"             \
    "SI6ImZpeGVkIiwiYWNyIjoiZWlkYXMxIiwic2NvcGUiOiJvcGVuaWQgc2NvcGVfYWxsIiwic3ViIjoiZjo1NTBkYzFjOC1kOTdiL"             \
    "TRiMWUtYWM4Yy04ZWI0NDcxY2Y5ZGQ6ODk5NzAwMjQ1NjY3IiwicHJlZmVycmVkX3VzZXJuYW1lIjoiODk5NzAwMjQ1NjY3IiwiU"             \
    "3ViamVjdE5hbWVJRCI6Ijg5OTcwMDI0NTY2NyIsImdpdmVuX25hbWUiOiLDiWxvZGllIiwiZmFtaWx5X25hbWUiOiJNQVJUSU4iL"             \
    "CJzaWQiOiJzZXNzIiwic2Vzc2lvbl9zdGF0ZSI6InNlc3MiLCJhdWQiOiJhY2NvdW50In0.YnJQUkAiXzfO-ZwiRavAwLx97Xma6"             \
    "M4zSH2qUIrZznwda0C2t91BtMbU4SkHpJspR3fntBoRU9KgYQwpFxbb18OwJyelFXtttO34G8jzrzClmpdw1K7JkDk2Ca3cLmNhe"             \
    "XCo0wzGgO3d9OnwjGnvsx9ldi2Iij2FrhZCYetIlXHQBmPWgVbLND5j0FICUT4HwTRQ5BerxkVAlfwGpaVfE2hXE7RBKAGXRRYoQ"             \
    "avN2_iQEvRVwEnhdoEqo2IBvXSyWjdplFIGKXWh-NUVQWa9kQvr7fYxdxPfmvh6mf0ApkeBNRu__UkneEzKjkeU-YfKZZweMUeXL"             \
    "3z8oBbMo8SJ0g"

#define TOKEN_AUD_CLIENT                                                                                               \
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Imx6Ymd3QldMRi02RlpuM256RW5qdUIwNEx6T3htNzFzbnAzTWVLaGt4"             \
    "elkifQ.eyJpc3MiOiJodHRwczovL3BzYy5leGFtcGxlL2F1dGgvcmVhbG1zL2VzYW50ZS13YWxsZXQiLCJ0eXAiOiJCZWFyZXIiL"             \
    "CJhenAiOiJkdWktMSIsImlhdCI6MTc5NTE5MDQwMCwiZXhwIjoxNzk1MTkwNjQwLCJhdXRoX3RpbWUiOjE3OTUxOTA0MDAsImp0a"             \
    "SI6ImZpeGVkIiwiYWNyIjoiZWlkYXMxIiwic2NvcGUiOiJvcGVuaWQgc2NvcGVfYWxsIiwic3ViIjoiZjo1NTBkYzFjOC1kOTdiL"             \
    "TRiMWUtYWM4Yy04ZWI0NDcxY2Y5ZGQ6ODk5NzAwMjQ1NjY3IiwicHJlZmVycmVkX3VzZXJuYW1lIjoiODk5NzAwMjQ1NjY3IiwiU"             \
    "3ViamVjdE5hbWVJRCI6Ijg5OTcwMDI0NTY2NyIsImdpdmVuX25hbWUiOiLDiWxvZGllIiwiZmFtaWx5X25hbWUiOiJNQVJUSU4iL"             \
    "CJzaWQiOiJzZXNzIiwic2Vzc2lvbl9zdGF0ZSI6InNlc3MiLCJhdWQiOlsiYWNjb3VudCIsImR1aS0xIl19.SG01ohRu-bBdcbkJ"             \
    "E66jbzNL7_eGWifq47t1gj5uTnQdK0Za8KBYyLRanAWr0pEYG4QFCR-al5SyBAZvd14LUlwlFXPsS8NrIMtEmpZ1RZdRkJ6PwyVb"             \
    "MuHrMUV-CLwyK34D0Hry-hO0YAfwz-QV92LWIX3a3n8bVTxzJfN2nEzmP9ZQ64L3p9GL7j75MePW2PXGxT2IPyXaLE2UQGBOxSli"             \
    "iLcyS5J11Qy90I57zebNEopsOXTKv_Fgwtrd_YKtBdMdgr-aB6XywkWrUqbV2Efd5g8YumpvuyEN92wgGgaZ72iyAZlYqsIg7Y5w"             \
    "5KmK1mILJ8Y6T6LSWo322oUA-A"

#define TOKEN_ACR_NONE                                                                                                 \
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Imx6Ymd3QldMRi02RlpuM256RW5qdUIwNEx6T3htNzFzbnAzTWVLaGt4"             \
    "elkifQ.eyJpc3MiOiJodHRwczovL3BzYy5leGFtcGxlL2F1dGgvcmVhbG1zL2VzYW50ZS13YWxsZXQiLCJ0eXAiOiJCZWFyZXIiL"             \
    "CJhenAiOiJkdWktMSIsImlhdCI6MTc5NTE5MDQwMCwiZXhwIjoxNzk1MTkwNjQwLCJhdXRoX3RpbWUiOjE3OTUxOTA0MDAsImp0a"             \
    "SI6ImZpeGVkIiwic2NvcGUiOiJvcGVuaWQgc2NvcGVfYWxsIiwic3ViIjoiZjo1NTBkYzFjOC1kOTdiLTRiMWUtYWM4Yy04ZWI0N"             \
    "DcxY2Y5ZGQ6ODk5NzAwMjQ1NjY3IiwicHJlZmVycmVkX3VzZXJuYW1lIjoiODk5NzAwMjQ1NjY3IiwiU3ViamVjdE5hbWVJRCI6I"             \
    "jg5OTcwMDI0NTY2NyIsImdpdmVuX25hbWUiOiLDiWxvZGllIiwiZmFtaWx5X25hbWUiOiJNQVJUSU4iLCJzaWQiOiJzZXNzIiwic"             \
    "2Vzc2lvbl9zdGF0ZSI6InNlc3MifQ.LtskXiCYEzI_pcu4nZE3U6a86SKyyxO9h4IP4-KvH71qfY0r26iwoivyAF4rlCVMn6diu0"             \
    "KMWuImVIihxWvLqPF4ErPm7b9gITs7YV81JKPHUOJc07XIhE-KZWhIlOod93QND9BIC2jCnN5MLLGhidgpuIbSydlf63Zafqufjr"             \
    "JkVwevccJdZCKSn_9nLIQ0A0djsnTf92AXzwi0IxEwgHnviPv6NIIF-rqUXNLyW3htm-z0reVWUj-2s9wmzsQt20hHf9C3WPZ0XE"             \
    "OEar2ItCEWy11j1xT4diyRR-jk0HIK9mCKLUbpaSnXmlcJmrcNUtDZ8iIaPJe3fn6cTEVR2Q"

#define TOKEN_ACR_UNKNOWN                                                                                              \
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Imx6Ymd3QldMRi02RlpuM256RW5qdUIwNEx6T3htNzFzbnAzTWVLaGt4"             \
    "elkifQ.eyJpc3MiOiJodHRwczovL3BzYy5leGFtcGxlL2F1dGgvcmVhbG1zL2VzYW50ZS13YWxsZXQiLCJ0eXAiOiJCZWFyZXIiL"             \
    "CJhenAiOiJkdWktMSIsImlhdCI6MTc5NTE5MDQwMCwiZXhwIjoxNzk1MTkwNjQwLCJhdXRoX3RpbWUiOjE3OTUxOTA0MDAsImp0a"             \
    "SI6ImZpeGVkIiwiYWNyIjoiMSIsInNjb3BlIjoib3BlbmlkIHNjb3BlX2FsbCIsInN1YiI6ImY6NTUwZGMxYzgtZDk3Yi00YjFlL"             \
    "WFjOGMtOGViNDQ3MWNmOWRkOjg5OTcwMDI0NTY2NyIsInByZWZlcnJlZF91c2VybmFtZSI6Ijg5OTcwMDI0NTY2NyIsIlN1YmplY"             \
    "3ROYW1lSUQiOiI4OTk3MDAyNDU2NjciLCJnaXZlbl9uYW1lIjoiw4lsb2RpZSIsImZhbWlseV9uYW1lIjoiTUFSVElOIiwic2lkI"             \
    "joic2VzcyIsInNlc3Npb25fc3RhdGUiOiJzZXNzIn0.WhePbKnH6bTQvySr1f_XhleYC6UAqCj4PrBK0M72VMTLC6AdcOK__99S2"             \
    "Wyax2ZJoBjhL-ZMueAHPaKtm8fFpX4UgYvTRYjloScI4ssQi7YLEtYK7092qtW_-2YuVDkM7b_QxFV_XW6ka5z20rlaOdhb3pLuj"             \
    "NdPDKo_U0d3HuoynmlemMsp9mCgAUBbUZQbZzEyIAEYPCtTJ41lavmI4UiODMNGBH7sXEf_hG43xr_yU3OwshUO1DYeJc9K3Ty-b"             \
    "VlLH4N30OuJC8zMj3DHOIEqoP9Q-8xywms7ND8W6dN9mbfxTm8a3arLCJWsejC204sOeuCVd0dfEBU5PqmK0g"

#define TOKEN_ACR_3                                                                                                    \
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Imx6Ymd3QldMRi02RlpuM256RW5qdUIwNEx6T3htNzFzbnAzTWVLaGt4"             \
    "elkifQ.eyJpc3MiOiJodHRwczovL3BzYy5leGFtcGxlL2F1dGgvcmVhbG1zL2VzYW50ZS13YWxsZXQiLCJ0eXAiOiJCZWFyZXIiL"             \
    "CJhenAiOiJkdWktMSIsImlhdCI6MTc5NTE5MDQwMCwiZXhwIjoxNzk1MTkwNjQwLCJhdXRoX3RpbWUiOjE3OTUxOTA0MDAsImp0a"             \
    "SI6ImZpeGVkIiwiYWNyIjoiZWlkYXMzIiwic2NvcGUiOiJvcGVuaWQgc2NvcGVfYWxsIiwic3ViIjoiZjo1NTBkYzFjOC1kOTdiL"             \
    "TRiMWUtYWM4Yy04ZWI0NDcxY2Y5ZGQ6ODk5NzAwMjQ1NjY3IiwicHJlZmVycmVkX3VzZXJuYW1lIjoiODk5NzAwMjQ1NjY3IiwiU"             \
    "3ViamVjdE5hbWVJRCI6Ijg5OTcwMDI0NTY2NyIsImdpdmVuX25hbWUiOiLDiWxvZGllIiwiZmFtaWx5X25hbWUiOiJNQVJUSU4iL"             \
    "CJzaWQiOiJzZXNzIiwic2Vzc2lvbl9zdGF0ZSI6InNlc3MifQ.oADVRZm8IQEQDiff1Evskh9lnQGlsIph8eqns_azgKI5O7ZOTq"             \
    "pgHNkHGG71ocmTRFVBkrlfe9Vva0SDKgQsaDiC_Kf2jetbFEKLfDE4qgJFwEsA8Inqma168WHuItAmQq_AseBBd9quNZe0IZYvBJ"             \
    "f1VI21oc1YgszkGYvbXfMBkuboQ1Kib3Gn1XWhV2hAeiMgbrFMjqbNsFp1Keo2qiKD-A1Xo_8Pmylju6_1SD1u7pxCe8rWfXXWAe"             \
    "CYPw0TUYDWVSmlTEcwdDievgVUmy1CO7koyji5PUXg_3t3XKS4adHKDrP7NGKy-npHSiM7oTkLrSaMw1devUn8G1cDjQ"

#define TOKEN_BOUND                                                                                                    \
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Imx6Ymd3QldMRi02RlpuM256RW5qdUIwNEx6T3htNzFzbnAzTWVLaGt4"             \
    "elkifQ.eyJpc3MiOiJodHRwczovL3BzYy5leGFtcGxlL2F1dGgvcmVhbG1zL2VzYW50ZS13YWxsZXQiLCJ0eXAiOiJCZWFyZXIiL"             \
    "CJhenAiOiJkdWktMSIsImlhdCI6MTc5NTE5MDQwMCwiZXhwIjoxNzk1MTkwNjQwLCJhdXRoX3RpbWUiOjE3OTUxOTA0MDAsImp0a"             \
    "SI6ImZpeGVkIiwiYWNyIjoiZWlkYXMxIiwic2NvcGUiOiJvcGVuaWQgc2NvcGVfYWxsIiwic3ViIjoiZjo1NTBkYzFjOC1kOTdiL"             \
    "TRiMWUtYWM4Yy04ZWI0NDcxY2Y5ZGQ6ODk5NzAwMjQ1NjY3IiwicHJlZmVycmVkX3VzZXJuYW1lIjoiODk5NzAwMjQ1NjY3IiwiU"             \
    "3ViamVjdE5hbWVJRCI6Ijg5OTcwMDI0NTY2NyIsImdpdmVuX25hbWUiOiLDiWxvZGllIiwiZmFtaWx5X25hbWUiOiJNQVJUSU4iL"             \
    "CJzaWQiOiJzZXNzIiwic2Vzc2lvbl9zdGF0ZSI6InNlc3MiLCJjbmYiOnsieDV0I1MyNTYiOiJBQUFBQUFBQUFBQUFBQUFBQUFBQ"             \
    "UFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBIn19.DN_t0Sfqam3HoRqStlOkKl2zvSdKUC8WTxwWccsdFS9JcfdR1CGAi-9DXOUpkJbk"             \
    "PxbvoYK99ORMPBo78a7I_VXBRhTxe-TRA7HORAPwmArVmEZK_Qemn_dnQ8nJicA5lDFmKpGX3QzJ1YJzQ0zS-Kb-e7pdAK-gDZeS"             \
    "IqEudfUUyngQuz7NYGtgyNPu77Aoy1ojdQPfsI3tn5ZNdW2GqDCJhUW4ZgYIOFqszbd84elZkoIWAzhJoKCbk6hNPqwAJwcB16dq"             \
    "A-gS7R-sr4KuO_knLTm9y34V0MJ1OwhVyftZlvt_B3i42_Tw8nBlbk1XZFUO1jRhORnw5Gqeb5DQjw"

#define TOKEN_BOUND_UNKNOWN                                                                                            \
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Imx6Ymd3QldMRi02RlpuM256RW5qdUIwNEx6T3htNzFzbnAzTWVLaGt4"             \
    "elkifQ.eyJpc3MiOiJodHRwczovL3BzYy5leGFtcGxlL2F1dGgvcmVhbG1zL2VzYW50ZS13YWxsZXQiLCJ0eXAiOiJCZWFyZXIiL"             \
    "CJhenAiOiJkdWktMSIsImlhdCI6MTc5NTE5MDQwMCwiZXhwIjoxNzk1MTkwNjQwLCJhdXRoX3RpbWUiOjE3OTUxOTA0MDAsImp0a"             \
    "SI6ImZpeGVkIiwiYWNyIjoiZWlkYXMxIiwic2NvcGUiOiJvcGVuaWQgc2NvcGVfYWxsIiwic3ViIjoiZjo1NTBkYzFjOC1kOTdiL"             \
    "TRiMWUtYWM4Yy04ZWI0NDcxY2Y5ZGQ6ODk5NzAwMjQ1NjY3IiwicHJlZmVycmVkX3VzZXJuYW1lIjoiODk5NzAwMjQ1NjY3IiwiU"             \
    "3ViamVjdE5hbWVJRCI6Ijg5OTcwMDI0NTY2NyIsImdpdmVuX25hbWUiOiLDiWxvZGllIiwiZmFtaWx5X25hbWUiOiJNQVJUSU4iL"             \
    "CJzaWQiOiJzZXNzIiwic2Vzc2lvbl9zdGF0ZSI6InNlc3MiLCJjbmYiOnsiamt0IjoieCJ9fQ.jDDg4DoHxIXSJb3XZpUP7RCn3F"             \
    "rsnMg_HdqpXKfhl9DcCkUM8cPrOnVLxQEulCkFhLPw4PfOK2ZvcY-Vj8pALWjsLLzS2sEU59yNy0QbRYvVfJzPiZuskH20wRQvpb"             \
    "TnDj2b3h8i3Us4fql8C5JTxaOay5QCGs7kqB9tPyEGPsI40ZDuTSx1mpbOnFevvRvlObwiveXq7C_UcJX5CY6NibndW8UI-Bpr0Q"             \
    "OBUCXA9TKuoAGBuB-BYPyEGF1-vZnigNiwvotjV53XlykuZuwwiDMSi71h9J-4rSI_o-5_lbSquDuIudMFp9y52FEjHGuw9DSwyt"             \
    "Xc5D53JG8TqNfEcA"

#define TOKEN_NO_PERSON                                                                                                \
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Imx6Ymd3QldMRi02RlpuM256RW5qdUIwNEx6T3htNzFzbnAzTWVLaGt4"             \
    "elkifQ.eyJpc3MiOiJodHRwczovL3BzYy5leGFtcGxlL2F1dGgvcmVhbG1zL2VzYW50ZS13YWxsZXQiLCJ0eXAiOiJCZWFyZXIiL"             \
    "CJhenAiOiJkdWktMSIsImlhdCI6MTc5NTE5MDQwMCwiZXhwIjoxNzk1MTkwNjQwLCJhdXRoX3RpbWUiOjE3OTUxOTA0MDAsImp0a"             \
    "SI6ImZpeGVkIiwiYWNyIjoiZWlkYXMxIiwic2NvcGUiOiJvcGVuaWQgc2NvcGVfYWxsIiwic3ViIjoiZjo1NTBkYzFjOC1kOTdiL"             \
    "TRiMWUtYWM4Yy04ZWI0NDcxY2Y5ZGQ6ODk5NzAwMjQ1NjY3IiwiZ2l2ZW5fbmFtZSI6IsOJbG9kaWUiLCJmYW1pbHlfbmFtZSI6I"             \
    "k1BUlRJTiIsInNpZCI6InNlc3MiLCJzZXNzaW9uX3N0YXRlIjoic2VzcyJ9.GL1ONfbT4y0NG-jT7bwNnafjI69UXTOl37e05ZI3"             \
    "wNV3YgGScJcC9797i_ga7PGaCvAc6qLZP7q_hk7brh4fJDHXWlUlCtm0Je9WrfpSMORroZwvCXkWE0jNcQ8Tf6joSSrUTZiAHcLj"             \
    "rIXBVgRUyN5-1fPgf0IXNgRjvaML1Uj95bwKkIeoJS44y4VuaQWIGdqx6cIPEcEdfvO1p5PIT3lBz-y6rg0MmyeA4s87k3AWSgF6"             \
    "oey9cNJL8CXtR0MNUIAVEbXN-kbLRNrlDw1Gn0AKF9noe1YRa3m9RnFlDlwEIjFKAY8I9BFDrM4bbcXtz5KDTvWEz4G-fxk0W0hg"             \
    "HQ"

#define TOKEN_EXP_TEXT                                                                                                 \
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Imx6Ymd3QldMRi02RlpuM256RW5qdUIwNEx6T3htNzFzbnAzTWVLaGt4"             \
    "elkifQ.eyJpc3MiOiJodHRwczovL3BzYy5leGFtcGxlL2F1dGgvcmVhbG1zL2VzYW50ZS13YWxsZXQiLCJ0eXAiOiJCZWFyZXIiL"             \
    "CJhenAiOiJkdWktMSIsImlhdCI6MTc5NTE5MDQwMCwiZXhwIjoic29vbiIsImF1dGhfdGltZSI6MTc5NTE5MDQwMCwianRpIjoiZ"             \
    "ml4ZWQiLCJhY3IiOiJlaWRhczEiLCJzY29wZSI6Im9wZW5pZCBzY29wZV9hbGwiLCJzdWIiOiJmOjU1MGRjMWM4LWQ5N2ItNGIxZ"             \
    "S1hYzhjLThlYjQ0NzFjZjlkZDo4OTk3MDAyNDU2NjciLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiI4OTk3MDAyNDU2NjciLCJTdWJqZ"             \
    "WN0TmFtZUlEIjoiODk5NzAwMjQ1NjY3IiwiZ2l2ZW5fbmFtZSI6IsOJbG9kaWUiLCJmYW1pbHlfbmFtZSI6Ik1BUlRJTiIsInNpZ"             \
    "CI6InNlc3MiLCJzZXNzaW9uX3N0YXRlIjoic2VzcyJ9.nc8s43jAVGJGOdPnoUm_5syiIoYrG-MvlNGX-Jz25bQHnm7JBtpxQc4M"             \
    "mzyDILevINGkAq0cB28F0APk0hWooNoWCZ3QcbJUemBwCVDSGKaqjqyycnixJRQrTmlrDDeMEFkUVUiSplMe3PnELN4QSRUPozgD"             \
    "HdSITrNCI7RkIRUYWBCV10L_WhDPqVpOH8tv8CJWWDcgGB0To6FFT-FDwDr_eoy_GIYgAt_X3TGBAQe8O36qVRQf3qziaD04At8B"             \
    "-F114e0tZTtXrr_V8JpGZL1903NhIMjXgLETQ4OV9cmJe-f-pL3fk2UAg8FsuyxG1EpjLIioHLpIER9MY38moQ"

#define TOKEN_MANY_IDS                                                                                                 \
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Imx6Ymd3QldMRi02RlpuM256RW5qdUIwNEx6T3htNzFzbnAzTWVLaGt4"             \
    "elkifQ.eyJpc3MiOiJodHRwczovL3BzYy5leGFtcGxlL2F1dGgvcmVhbG1zL2VzYW50ZS13YWxsZXQiLCJ0eXAiOiJCZWFyZXIiL"             \
    "CJhenAiOiJkdWktMSIsImlhdCI6MTc5NTE5MDQwMCwiZXhwIjoxNzk1MTkwNjQwLCJhdXRoX3RpbWUiOjE3OTUxOTA0MDAsImp0a"             \
    "SI6ImZpeGVkIiwiYWNyIjoiZWlkYXMxIiwic2NvcGUiOiJvcGVuaWQgc2NvcGVfYWxsIiwic3ViIjoiZjo1NTBkYzFjOC1kOTdiL"             \
    "TRiMWUtYWM4Yy04ZWI0NDcxY2Y5ZGQ6ODk5NzAwMjQ1NjY3IiwicHJlZmVycmVkX3VzZXJuYW1lIjoiODk5NzAwMjQ1NjY3IiwiU"             \
    "3ViamVjdE5hbWVJRCI6Ijg5OTcwMDI0NTY2NyIsImdpdmVuX25hbWUiOiLDiWxvZGllIiwiZmFtaWx5X25hbWUiOiJNQVJUSU4iL"             \
    "CJzaWQiOiJzZXNzIiwic2Vzc2lvbl9zdGF0ZSI6InNlc3MiLCJvdGhlcklkcyI6W3siaWRlbnRpZmlhbnQiOiIwMTIzIiwib3JpZ"             \
    "2luZSI6IkFERUxJIiwicXVhbGl0ZSI6MX0seyJpZGVudGlmaWFudCI6Ijg5OTcwMDI0NTY2NyJ9LHsiaWRlbnRpZmlhbnQiOjd9X"             \
    "X0.Gtnu1ofRjt5BGHSFvqSoOnh_-lU_xbBMLtEwvFsyVVTM5TvYTcidnCsM1BEheVEnyivACu69KsQAkPkLGkcASbfyGyw_7cT6M"             \
    "n5CJO-ItWa9Gq7fvvGNUI-W_rLZBIXeKxL5thM-tscxro1P2YmupwT-vDYie0g9iqtRkznm-odOChvEowI_vYggNV-_2WlrKuRDl"             \
    "ohznWrUeLU_8WQkrbbdiTBvauF75RqVkqfEXSawlmK9MkmfDI0O8eg_FVIBdWGtVAzOmSdDQM40iRGq2RXW1fpuYWnm1VozBrtvb"             \
    "P8iNaLESOygLXfYJJXNBHZpCZcNc3MQYXco15X8rmFOWg"

#define ID_GOOD                                                                                                        \
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Imx6Ymd3QldMRi02RlpuM256RW5qdUIwNEx6T3htNzFzbnAzTWVLaGt4"             \
    "elkifQ.eyJpc3MiOiJodHRwczovL3BzYy5leGFtcGxlL2F1dGgvcmVhbG1zL2VzYW50ZS13YWxsZXQiLCJ0eXAiOiJJRCIsImF6c"             \
    "CI6IndlYm1haWwiLCJpYXQiOjE3OTUxOTA0MDAsImV4cCI6MTc5NTE5MDY0MCwiYXV0aF90aW1lIjoxNzk1MTkwNDAwLCJqdGkiO"             \
    "iJmaXhlZCIsImFjciI6ImVpZGFzMSIsInN1YiI6ImY6NTUwZGMxYzgtZDk3Yi00YjFlLWFjOGMtOGViNDQ3MWNmOWRkOjg5OTcwM"             \
    "DI0NTY2NyIsInByZWZlcnJlZF91c2VybmFtZSI6Ijg5OTcwMDI0NTY2NyIsIlN1YmplY3ROYW1lSUQiOiI4OTk3MDAyNDU2NjciL"             \
    "CJnaXZlbl9uYW1lIjoiw4lsb2RpZSIsImZhbWlseV9uYW1lIjoiTUFSVElOIiwic2lkIjoic2VzcyIsInNlc3Npb25fc3RhdGUiO"             \
    "iJzZXNzIiwiYXVkIjoid2VibWFpbCIsIm5vbmNlIjoibm9uY2UtMSJ9.oiwK575Qemu5X0fP_6_RxJKctdtXDK3ypMTjkbB72PSv"             \
    "99nBGVtQ0wXoo-zMUeie-z68G2s0kakv-G3RQR3Kw2l9B6NuQxcAnkWXQeTo5tjLQVnsvtEqpoY6rN-T4WUy6nCtuTeVPl2hnMAU"             \
    "537c9su1qZ21_qDsTguJkKySiHRVMnurjqfP1sxBZPBl0j0Y35hVuIgAszPd7AmNPHHiYCANyKla700DaNrGBsm61qu_WCqzX5Vr"             \
    "5KIsh43cDp_Wn52IqGQcyDU9wnbw8XLLMeNIQPQxONl2WYrgGfDZCczCqGBg2jh9w5xQSadD67jtJcZmcriwoRaYhtmkijr01Q"

#define ID_NO_AZP                                                                                                      \
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Imx6Ymd3QldMRi02RlpuM256RW5qdUIwNEx6T3htNzFzbnAzTWVLaGt4"             \
    "elkifQ.eyJpc3MiOiJodHRwczovL3BzYy5leGFtcGxlL2F1dGgvcmVhbG1zL2VzYW50ZS13YWxsZXQiLCJ0eXAiOiJJRCIsImlhd"             \
    "CI6MTc5NTE5MDQwMCwiZXhwIjoxNzk1MTkwNjQwLCJhdXRoX3RpbWUiOjE3OTUxOTA0MDAsImp0aSI6ImZpeGVkIiwiYWNyIjoiZ"             \
    "WlkYXMxIiwic3ViIjoiZjo1NTBkYzFjOC1kOTdiLTRiMWUtYWM4Yy04ZWI0NDcxY2Y5ZGQ6ODk5NzAwMjQ1NjY3IiwicHJlZmVyc"             \
    "mVkX3VzZXJuYW1lIjoiODk5NzAwMjQ1NjY3IiwiU3ViamVjdE5hbWVJRCI6Ijg5OTcwMDI0NTY2NyIsImdpdmVuX25hbWUiOiLDi"             \
    "WxvZGllIiwiZmFtaWx5X25hbWUiOiJNQVJUSU4iLCJzaWQiOiJzZXNzIiwic2Vzc2lvbl9zdGF0ZSI6InNlc3MiLCJhdWQiOiJ3Z"             \
    "WJtYWlsIiwibm9uY2UiOiJub25jZS0xIn0.PTuCdKpHe52ei-7H2-YuNmyTOVoEhT-d5czo3FIpU9meywIbJIQgXZyPu2OOJ_kl9"             \
    "mXe6dlXghGy2vvkgqbOA55DbVGHEJ3bgD9zXl8KpZCkJnPXdXciWFk2GZSXFRME4jLbkqlE_cqQ80e4ejbIKPZaqRw45-zQeYoDr"             \
    "03sLZh-CwCY2rCoZPkJPtLRJD47oVvfdAoeNKZOx5HeRea4MU173jVo-absHP_E5F0wbe99uVO9N2wgGbadvpVwR8cidCb-QSkb2"             \
    "cBVb5ZWDC_TZvXIwtX_kX-3P1iWSKoQnmpMdepyNya8cyreSRLjzBt08EpiYLoX1m7DSHWhWiiDvw"

#define ID_OTHER_NONCE                                                                                                 \
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Imx6Ymd3QldMRi02RlpuM256RW5qdUIwNEx6T3htNzFzbnAzTWVLaGt4"             \
    "elkifQ.eyJpc3MiOiJodHRwczovL3BzYy5leGFtcGxlL2F1dGgvcmVhbG1zL2VzYW50ZS13YWxsZXQiLCJ0eXAiOiJJRCIsImF6c"             \
    "CI6IndlYm1haWwiLCJpYXQiOjE3OTUxOTA0MDAsImV4cCI6MTc5NTE5MDY0MCwiYXV0aF90aW1lIjoxNzk1MTkwNDAwLCJqdGkiO"             \
    "iJmaXhlZCIsImFjciI6ImVpZGFzMSIsInN1YiI6ImY6NTUwZGMxYzgtZDk3Yi00YjFlLWFjOGMtOGViNDQ3MWNmOWRkOjg5OTcwM"             \
    "DI0NTY2NyIsInByZWZlcnJlZF91c2VybmFtZSI6Ijg5OTcwMDI0NTY2NyIsIlN1YmplY3ROYW1lSUQiOiI4OTk3MDAyNDU2NjciL"             \
    "CJnaXZlbl9uYW1lIjoiw4lsb2RpZSIsImZhbWlseV9uYW1lIjoiTUFSVElOIiwic2lkIjoic2VzcyIsInNlc3Npb25fc3RhdGUiO"             \
    "iJzZXNzIiwiYXVkIjoid2VibWFpbCIsIm5vbmNlIjoieCJ9.fTug6D86qucIz0B3QT_h_TaPOhrtxiwgjMyEdCvyDGApJup0iOyW"             \
    "ml89eXy94SR_zS8Am7C67_kjSeIijWkCX8uV1q2dTw0EWoJDzCxFmD5IDMDK8_If3dSsQpTbrbGz-u70XQgzpLwu-PA5HnITx2Jb"             \
    "ZHqNdMMCaBxUEy5xscTwPM464oo0lRw6Ohx31QAMn887gwfP0bAINOqWwwegdGIatTRapGx6RxQlLiRlMUvl2MhK_bOo277qInhn"             \
    "kzcYgjFf_BYlUz4G0pQmX4GKqBwqGDsJbvpH7P7u5g6tyWcojRYT2js43fm-RUkoe9oRR7E4J4_nuMQx-lBoAnwFhA"

#define ID_OTHER_AUD                                                                                                   \
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Imx6Ymd3QldMRi02RlpuM256RW5qdUIwNEx6T3htNzFzbnAzTWVLaGt4"             \
    "elkifQ.eyJpc3MiOiJodHRwczovL3BzYy5leGFtcGxlL2F1dGgvcmVhbG1zL2VzYW50ZS13YWxsZXQiLCJ0eXAiOiJJRCIsImF6c"             \
    "CI6IndlYm1haWwiLCJpYXQiOjE3OTUxOTA0MDAsImV4cCI6MTc5NTE5MDY0MCwiYXV0aF90aW1lIjoxNzk1MTkwNDAwLCJqdGkiO"             \
    "iJmaXhlZCIsImFjciI6ImVpZGFzMSIsInN1YiI6ImY6NTUwZGMxYzgtZDk3Yi00YjFlLWFjOGMtOGViNDQ3MWNmOWRkOjg5OTcwM"             \
    "DI0NTY2NyIsInByZWZlcnJlZF91c2VybmFtZSI6Ijg5OTcwMDI0NTY2NyIsIlN1YmplY3ROYW1lSUQiOiI4OTk3MDAyNDU2NjciL"             \
    "CJnaXZlbl9uYW1lIjoiw4lsb2RpZSIsImZhbWlseV9uYW1lIjoiTUFSVElOIiwic2lkIjoic2VzcyIsInNlc3Npb25fc3RhdGUiO"             \
    "iJzZXNzIiwiYXVkIjoiZHVpLTEiLCJub25jZSI6Im5vbmNlLTEifQ.G09LavXwezNWwu48s84Meesf9Kgk7ziv_wcO2aQ7GuisW6"             \
    "J_nwei2irDy7e2oVygGWLphg9CtENuCimMV5bPIzTKOmXp_D4-podfBxIAcX8b9NqiAzYQlzyVKDbhL-EU0vD1m_q93-LWco_sJ3"             \
    "uGGBqmKkw-x942CTMSFWc8HKtpxqMq3A3jshTDnuGYAokZ2Z8eRN_RKlgyYuEDotL0ZP5x6ctOH9MzklTaxYZ1EcRyeluuDadmH7"             \
    "1APglR2is6FrkbFCLcJZY5KJFDd10_llUK1m9uHzERrMRXmGmSQP_kboqgGRwJc3ez7y4l-6bL2xWDPlE9vBC_uGlHpt1pRA"

#endif
