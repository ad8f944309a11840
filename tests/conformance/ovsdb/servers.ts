// Two database servers that are sent the same bytes: Debian's ovsdb-server as a process of its own, and ours in this process.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Json } from "@patchcord/core/ovsproto/json.ts";
import { formatJson } from "@patchcord/core/ovsproto/json.ts";
import type { JsonRpcMessage } from "@patchcord/core/ovsproto/json-rpc.ts";
import { JsonRpcDecoder, ProtocolError } from "@patchcord/core/ovsproto/json-rpc.ts";
import { parseSchema } from "@patchcord/core/ovsproto/ovsdb/schema.ts";
import { Database } from "@patchcord/core/ovsdb/database.ts";
import { streamSocketPair } from "@patchcord/core/system/stream-sockets.ts";
import { OvsdbServer } from "@patchcord/core/vswitch/ovsdb/server.ts";
import { generator } from "../ovs-tools/message-templates.ts";

export type Received = JsonRpcMessage | "closed";

/** One connection to a server. */
export interface Connection {
  /** Sends a message with this id; all that comes until its reply has come, or the connection has ended. */
  exchange(id: Json, message: Json): Promise<Received[]>;
}

export interface Server {
  connect(): Promise<Connection>;
  close(): void;
}

class Inbox {
  readonly #decoder = new JsonRpcDecoder();
  readonly #messages: Received[] = [];
  #wake: () => void = () => {};
  #ended = false;

  feed(bytes: Uint8Array): void {
    for (const message of this.#decoder.feed(bytes)) {
      this.#messages.push(message instanceof ProtocolError ? "closed" : message);
    }
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#messages.push("closed");
    this.#wake();
  }

  /** Undefined if the reply has not come yet. */
  until(id: Json): Received[] | undefined {
    if (this.#ended && this.#messages.length === 0) return ["closed"];
    const at = this.#messages.findIndex(
      (each) =>
        each === "closed" ||
        ((each.type === "reply" || each.type === "error") && formatJson(each.id) === formatJson(id)),
    );
    return at < 0 ? undefined : this.#messages.splice(0, at + 1);
  }

  arrived(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

const bytesOf = (message: Json): Uint8Array => new TextEncoder().encode(formatJson(message));

class RealConnection implements Connection {
  readonly #socket: Socket;
  readonly #inbox = new Inbox();

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes) => this.#inbox.feed(bytes));
    socket.on("close", () => this.#inbox.end());
    socket.on("error", () => {}); // "close" follows
  }

  async exchange(id: Json, message: Json): Promise<Received[]> {
    this.#socket.write(bytesOf(message));
    for (;;) {
      const received = this.#inbox.until(id);
      if (received) return received;
      await this.#inbox.arrived();
    }
  }
}

const STARTS = 20_000; // milliseconds, in which a server listens

/** A server first makes its socket and then listens to it. */
async function connected(path: string): Promise<Socket> {
  const begin = performance.now();
  for (;;) {
    const socket = connect(path);
    try {
      await once(socket, "connect");
      return socket;
    } catch (error) {
      if (performance.now() - begin > STARTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

/** A process of Debian's ovsdb-server with a new database of that schema. */
export async function realServer(schema: Json): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), "patchcord-ovsdb-"));
  const path = (name: string): string => join(folder, name);
  writeFileSync(path("schema"), formatJson(schema));
  const created = spawnSync("/usr/bin/ovsdb-tool", ["create", path("db"), path("schema")], {
    encoding: "utf8",
  });
  if (created.status !== 0) throw new Error(created.stderr);
  const child = spawn(
    "/usr/sbin/ovsdb-server",
    [path("db"), `--remote=punix:${path("sock")}`, `--unixctl=${path("ctl")}`, "-vconsole:off"],
    { stdio: "ignore" },
  );
  const sockets: Socket[] = [];
  return {
    connect: async () => {
      const socket = await connected(path("sock"));
      sockets.push(socket);
      return new RealConnection(socket);
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      child.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Ours. Timers fire when there is nothing else to do, and time does not pass. */
export function ourServer(schema: Json): Server {
  const due: (() => void)[] = [];
  const random = generator(1);
  const random32 = (): number => random(2 ** 32);
  const server = new OvsdbServer({
    monotonic: () => 0,
    after: (_, fire) => {
      due.push(fire);
      return {
        cancel: () => {
          const at = due.indexOf(fire);
          if (at >= 0) due.splice(at, 1);
        },
      };
    },
    random32,
  });
  server.add(new Database(parseSchema(schema), random32));
  return {
    connect: () => {
      const [client, served] = streamSocketPair();
      server.accept(served);
      const inbox = new Inbox();
      const settle = (): void => {
        for (let fire = due.shift(); fire; fire = due.shift()) fire();
        for (let bytes = client.input.read(); bytes !== undefined; bytes = client.input.read()) {
          if (bytes === null) {
            inbox.end();
            return;
          }
          inbox.feed(bytes);
        }
      };
      return Promise.resolve({
        exchange: (id, message) => {
          client.output.write(bytesOf(message));
          settle();
          return Promise.resolve(inbox.until(id) ?? []);
        },
      });
    },
    close: () => server.close(),
  };
}
