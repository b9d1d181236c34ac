/** The beginning and the end of a sign-in by the code flow, as a portal does them; what lies between is a browser's. */
import * as client from 'openid-client';

/** The provider of an edition as its portal knows it. */
export const discover = (url: string): Promise<client.Configuration> =>
  client.discovery(new URL(`${url}/oidc`), 'portal', undefined, client.None(), {
    execute: [client.allowInsecureRequests],
  });

export type Flow = { readonly config: client.Configuration; readonly verifier: string; readonly url: URL };

/** The address to open, with PKCE; `extra` adds to its parameters or takes their place. */
export const beginFlow = async (
  config: client.Configuration,
  home: string,
  extra: Readonly<Record<string, string>> = {},
): Promise<Flow> => {
  const verifier = client.randomPKCECodeVerifier();
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: home,
    scope: 'openid profile',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...extra,
  });
  return { config, verifier, url };
};

/** The tokens for the address that the browser was sent back to. */
export const endFlow = ({ config, verifier }: Omit<Flow, 'url'>, back: string | undefined) =>
  client.authorizationCodeGrant(config, new URL(back ?? ''), { pkceCodeVerifier: verifier });
