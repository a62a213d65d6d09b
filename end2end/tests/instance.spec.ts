// An operator's first minute and worst minute: an empty directory becomes a working instance, and one that is killed comes
// back as the same log, with nothing taken back.
import { expect, Instance, test } from '../fixtures.ts';

// A C2SP checkpoint: origin, number of entries, root, then signatures.
async function logSize(instance: Instance): Promise<number> {
  const answer = await fetch(`${instance.url}/ledger/checkpoint`);
  expect(answer.status).toBe(200);
  const size = (await answer.text()).split('\n')[1];
  expect(size, 'the second line of the checkpoint').toMatch(/^\d+$/);
  return Number(size);
}

test('an empty directory becomes an instance that survives being killed @desktop @story', async () => {
  test.setTimeout(180_000);
  const instance = await Instance.start();
  try {
    const key = await (await fetch(`${instance.url}/ledger/vkey`)).text();
    expect(key.trim()).toMatch(/^[^+\s]+\+[0-9a-f]{8}\+\S+$/);
    const size = await logSize(instance);
    await instance.kill();
    await instance.run();
    expect(await (await fetch(`${instance.url}/ledger/vkey`)).text()).toBe(key);
    expect(await logSize(instance)).toBeGreaterThanOrEqual(size);
  } finally {
    await instance.kill();
  }
});
