// A server of a test's own: empty, or demonstration data; stoppable and killable, to show that nothing acknowledged is lost.
// Most specs do not need it: the run's shared server is at baseURL.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './port.ts';

export interface InstanceOptions {
  demo?: boolean;
  /** More arguments for `guxin serve`. */
  arguments?: string[];
}

export class Instance {
  private child: ChildProcess | undefined;
  private log = '';

  private constructor(
    readonly data: string,
    readonly port: number,
    private readonly options: InstanceOptions,
    private readonly database: string | undefined,
  ) {}

  /**
   * Starts on a free port with an empty directory and waits until it is ready. On SQLite, or with an empty database of its own
   * in the run's PostgreSQL when the run is on PostgreSQL.
   */
  static async start(options: InstanceOptions = {}): Promise<Instance> {
    const data = mkdtempSync(join(process.env.GUXIN_E2E_STATE!, 'instance-'));
    const instance = new Instance(data, freePort(), options, emptyDatabase());
    await instance.run();
    return instance;
  }

  /** The link that an empty instance prints for its first operator. */
  get setUpLink(): string {
    const found = /\/invite\/[^\s"\x1b]+/.exec(this.log);
    if (!found) throw new Error(`the instance printed no set-up link:\n${this.log}`);
    return found[0];
  }

  /** What tells `guxin` which database this is. */
  get databaseArguments(): string[] {
    return this.database ? ['--database', this.database] : [];
  }

  get url(): string {
    return `http://localhost:${this.port}`;
  }

  /** Starts again on the same directory and port, after `stop` or `kill`. */
  async run(): Promise<void> {
    const { demo, arguments: more = [] } = this.options;
    const child = spawn(
      process.env.GUXIN_E2E_BINARY!,
      ['serve', '--listen', `127.0.0.1:${this.port}`, '--data', this.data, ...(demo ? ['--demo'] : []), ...this.databaseArguments, ...more],
      { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, GUXIN_PUBLIC_URL: this.url } },
    );
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (this.log = (this.log + chunk).slice(-20_000)));
    for (const deadline = Date.now() + (demo ? 240_000 : 60_000); ; await sleep(50)) {
      if (child.exitCode !== null) throw new Error(`guxin serve ended with status ${child.exitCode}:\n${this.log}`);
      const ready = await fetch(`${this.url}/readyz`).then((answer) => answer.ok, () => false);
      if (ready) return;
      if (Date.now() > deadline) throw new Error(`guxin serve is not ready:\n${this.log}`);
    }
  }

  /** Asks the server to finish what it is doing and go. */
  stop(): Promise<void> {
    return this.end('SIGTERM');
  }

  /** Takes the server away as a power cut would: nothing is flushed, nobody is told. */
  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }
}

function emptyDatabase(): string | undefined {
  const server = process.env.GUXIN_E2E_POSTGRES;
  if (!server) return undefined;
  const name = `instance_${randomBytes(6).toString('hex')}`;
  execFileSync(process.env.GUXIN_PSQL ?? 'psql', [server, '--quiet', '--command', `CREATE DATABASE ${name}`]);
  return server.replace(/[^/]*$/, name);
}
