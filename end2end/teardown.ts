// Removes the run's temporary directory (data, sessions). Screenshots and failures stay in artefacts/ and test-results/.
import { rmSync } from 'node:fs';

export default function teardown(): void {
  if (process.env.GUXIN_E2E_STATE) rmSync(process.env.GUXIN_E2E_STATE, { recursive: true, force: true });
}
