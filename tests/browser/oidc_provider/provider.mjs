// A certified OpenID provider (npm oidc-provider) as Pro Santé Connect would be configured: our log-in must agree with
// somebody else's reading of the specifications, not only with the sandbox's stand-in. Started by test_other_provider.py:
//     node provider.mjs CONFIG.json
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { generateKeyPairSync } from 'node:crypto';
import Provider from 'oidc-provider';

const given = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const people = new Map(given.people.map((person) => [person.sub, person]));
const jwk = (type, options, use) => ({ ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), ...use });

const provider = new Provider(given.issuer, {
  clients: [{
    client_id: given.client_id, client_secret: given.client_secret, redirect_uris: [given.redirect_uri],
    post_logout_redirect_uris: [given.after_log_out], grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'], token_endpoint_auth_method: 'client_secret_post', id_token_signed_response_alg: given.alg,
  }],
  jwks: { keys: [jwk('rsa', { modulusLength: 2048 }, { use: 'sig', alg: 'RS256', kid: 'r' }),
    jwk('ec', { namedCurve: 'P-256' }, { use: 'sig', alg: 'ES256', kid: 'e' })] },
  acrValues: ['eidas1', 'eidas2', 'eidas3'],
  scopes: ['openid', 'scope_all'],
  claims: { openid: ['sub'], acr: null, auth_time: null,
    scope_all: ['preferred_username', 'SubjectNameID', 'given_name', 'family_name', 'otherIds', 'SubjectRefPro'] },
  conformIdTokenClaims: false, // PSC puts who it is into the ID token too
  pkce: { required: () => true, methods: ['S256'] },
  issueRefreshToken: async () => true,
  rotateRefreshToken: true,
  features: { devInteractions: { enabled: false }, revocation: { enabled: true },
    rpInitiatedLogout: { enabled: true } },
  cookies: { keys: ['of the test'] },
  interactions: { url: (_context, interaction) => `/qui/${interaction.uid}` },
  findAccount: async (_context, sub) => ({ accountId: sub, claims: async () => people.get(sub) }),
  async loadExistingGrant(context) { // nobody is asked what they consent to
    const grant = new context.oidc.provider.Grant({ clientId: context.oidc.client.clientId,
      accountId: context.oidc.session.accountId });
    grant.addOIDCScope('openid scope_all');
    await grant.save();
    return grant;
  },
  renderError: async (context, out) => { context.body = out; },
});

// Whoever arrives is the person that the cookie "je-suis" names: what a card would say.
const oidc = provider.callback();
createServer({ cert: readFileSync(given.certificate), key: readFileSync(given.key) }, async (request, response) => {
  const who = /(?:^|; )je-suis=([^;]+)/.exec(request.headers.cookie ?? '');
  const [, acr] = /(?:^|; )acr=([a-z0-9]+)/.exec(request.headers.cookie ?? '') ?? [null, 'eidas1'];
  if (!request.url.startsWith('/qui/')) {
    oidc(request, response);
  } else if (who) {
    const { prompt } = await provider.interactionDetails(request, response);
    process.stdout.write(`asked ${prompt.name} ${prompt.reasons.join(',')}\n`);
    await provider.interactionFinished(request, response, { login: { accountId: decodeURIComponent(who[1]), acr } });
  } else {
    response.writeHead(403).end('nobody');
  }
}).listen(given.port, given.host, () => process.stdout.write('listening\n'));
