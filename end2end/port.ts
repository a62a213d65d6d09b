import { execFileSync } from 'node:child_process';

const LOOK = `
  const { createServer } = require('node:net');
  (function look() {
    const port = 12000 + Math.floor(Math.random() * 20000);
    const server = createServer().once('error', look).listen(port, '127.0.0.1', () => server.close(() => process.stdout.write(String(port))));
  })();
`;

/**
 * A free port below those that the system gives to outgoing connections. Among them, any connection could take it while a server
 * is down, and a client that knocks meanwhile now and then connects to itself and keeps it.
 */
export function freePort(): number {
  return Number(execFileSync(process.execPath, ['-e', LOOK]));
}
