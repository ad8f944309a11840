// ovs-vswitchd as a process of the system: the switch daemon with its log, its control socket and its database (ovs-vswitchd(8)).

import type { FatalSignal, SwitchDaemonProcess, SwitchStart } from "../../system/switch-daemons.ts";
import type { StreamSsl } from "../../stream-ssl/stream-ssl.ts";
import { DaemonClock } from "../daemon/daemon-clock.ts";
import { registerTimeCommands } from "../daemon/commands/time.ts";
import type { SwitchHost } from "../daemon/host.ts";
import { SwitchService } from "../daemon/service.ts";
import type { KernelDatapaths } from "../datapath/kernel-datapaths.ts";
import { providersOf } from "../dummy/providers.ts";
import { DaemonParts } from "./daemon-host.ts";
import type { OpenVswitchHost } from "./daemon-host.ts";
import { DatabaseLink } from "./database-link.ts";
import type { FindServer } from "./database-link.ts";
import { ProcessEnd } from "./process-end.ts";
import { applySsl, sslOf, withSsl } from "./ssl-streams.ts";

export class SwitchProcess implements SwitchDaemonProcess {
  readonly service: SwitchService;
  readonly #parts: DaemonParts;
  readonly #link: DatabaseLink;
  readonly #end = new ProcessEnd();
  #ready: (() => void) | undefined;

  /** `datapaths`: those of the kernel. Errors: StartFailure. */
  constructor(host: OpenVswitchHost, start: SwitchStart, find: FindServer, datapaths: KernelDatapaths) {
    this.#parts = new DaemonParts(host, "ovs-vswitchd", start);
    const { vlog, coverage, control } = this.#parts;
    const dummyClock = start.dummy === undefined ? undefined : new DaemonClock(host);
    const clock = dummyClock ?? host.vports.netns.kernel.clock;
    let connections = 0;
    const ssl = sslOf(host, vlog, start.directory);
    applySsl(ssl, start.ssl);
    const configureSsl = (): void => followSslRow(ssl, this.#link);
    const withStreams = withSsl(host, ssl, configureSsl);
    const switchHost: SwitchHost = {
      ...withStreams,
      ...providersOf(start.dummy, start.systemDatapath, host.vports),
      dummyNuma: start.dummyNuma,
      clock,
      runDirectory: start.runDirectory,
      directory: start.directory,
      monotonic: () => clock.now,
      after: (delay, fire) => clock.after(delay, fire),
      vlog,
      coverage,
      nextConnection: () => connections++,
    };
    // all streams that are taken have numbers in their names
    control.onConnection = () => connections++;
    this.#link = new DatabaseLink(
      start.database,
      find,
      (delay, fire) => clock.after(delay, fire),
      vlog,
      (address) => withStreams.connectStream(address),
    );
    this.service = new SwitchService(switchHost, this.#link, datapaths, control);
    if (dummyClock) registerTimeCommands(control, dummyClock);
    control.register("exit", "[--cleanup]", 0, 1, ([option]) => {
      this.service.daemon.stop(option === "--cleanup");
      host.after(0, () => this.#exit());
      return "";
    });
    this.#link.subscribe(({ changes }) => {
      if (changes.some(({ table }) => table.name === "SSL")) configureSsl();
    });
    this.#link.onConnected = () => {
      configureSsl();
      this.service.daemon.schedule();
      this.#ready?.();
      this.#ready = undefined;
    };
    this.#link.connect();
  }

  onReady(told: () => void): void {
    if (this.#link.connected) told();
    else this.#ready = told;
  }

  onExit(told: (code: number) => void): void {
    this.#end.onExit(told);
  }

  get ended(): boolean {
    return this.#end.ended;
  }

  detach(): void {
    this.#parts.vlog.setLevel(undefined, "console", "off");
  }

  /** It tells its version when it runs for the first time. */
  announce(): void {}

  #exit(): void {
    this.#close();
    this.#end.exit(0);
  }

  kill(signal: FatalSignal | undefined): void {
    if (this.#end.ended) return;
    this.#parts.signalled(signal);
    this.service.daemon.abandon();
    this.#close();
    this.#end.killed();
  }

  #close(): void {
    this.#link.close();
    this.#parts.close();
  }
}

/** The row of table SSL that Open_vSwitch names (bridge_run()). */
function followSslRow(ssl: StreamSsl, database: DatabaseLink): void {
  if (!ssl.built) return;
  const [root] = database.rows("Open_vSwitch");
  const [row] = root ? database.follow(root, "ssl", "SSL") : [];
  if (!row) return;
  ssl.setKeyAndCertificate(row.string("private_key"), row.string("certificate"));
  ssl.setAuthority(row.string("ca_cert") ?? "", row.boolean("bootstrap_ca_cert") === true);
}
