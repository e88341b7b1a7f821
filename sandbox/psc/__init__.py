"""The sandbox's Pro Santé Connect: a small OpenID provider that stands for the national one (a Keycloak, of which there
is no package and no offline copy). It has the real discovery path, claims, scopes and lives of tokens; who logs in
chooses a synthetic professional instead of showing a card."""
