// A virtual authenticator: Chromium answers WebAuthn as a phone or laptop with a fingerprint reader would, user verified.
import type { CDPSession, Page } from '@playwright/test';

export interface Passkey {
  /** The credentials that sites have created on it. */
  credentials(): Promise<{ credentialId: string; rpId?: string; signCount: number }[]>;
  /** Makes the person fail (false) or pass (true) the fingerprint from now on. */
  verified(yes: boolean): Promise<void>;
  /** Unplugs it. */
  remove(): Promise<void>;
}

/** Plugs an authenticator into this page. It lives as long as the page; sites must be on http://localhost. */
export async function passkey(page: Page): Promise<Passkey> {
  const cdp: CDPSession = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    credentials: async () => (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
    verified: async (yes) => {
      await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: yes });
    },
    remove: async () => {
      await cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
      await cdp.detach();
    },
  };
}
