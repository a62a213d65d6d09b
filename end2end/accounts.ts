// The demonstration accounts, one per role, as the server itself names them: nothing is repeated here.
import { execFileSync } from 'node:child_process';

export const ROLES = ['enterprise', 'accountant', 'lawyer', 'sponsor', 'reviewer', 'second-reviewer', 'regulator', 'operator'] as const;
export type Role = (typeof ROLES)[number];

/** `totp_secret` is base32. */
export interface Account {
  role: Role;
  login: string;
  password: string;
  totp_secret: string;
}

let known: Account[] | undefined;

export function account(role: Role): Account {
  known ??= JSON.parse(
    execFileSync(process.env.GUXIN_E2E_BINARY!, ['seed', '--demo', '--print-accounts', '--json'], { encoding: 'utf8' }),
  ) as Account[];
  const found = known.find((candidate) => candidate.role === role);
  if (!found) throw new Error(`the server has no demonstration account for ${role}; it has ${known.map((a) => a.role).join(', ')}`);
  return found;
}
