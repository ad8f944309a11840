// Random calls of ovsdb-client at a server with the database of schema.ts: transactions and queries, dumps in every form, columns
// and versions, monitors that write into files while others change the rows, backups and what becomes of them.

import { formatJson } from "@patchcord/core/ovsproto/json.ts";
import type { Random } from "../ovs-tools/message-templates.ts";
import { RandomTransactions } from "./random-transactions.ts";
import type { RandomValues } from "./random-values.ts";
import { columns } from "./schema.ts";
import { quoted } from "./shell-word.ts";

const DATABASE = "everything";
const TABLES = [...columns.keys()];
/** Seconds until what was changed has been told to a monitor and written. */
const TOLD = "sleep 0.1";

export class ClientLines {
  readonly #transactions: RandomTransactions;
  readonly #values: RandomValues;
  /** Monitors that were started, each with the file that it writes. */
  readonly #monitors: string[] = [];
  #started = 0;

  constructor(random: Random) {
    this.#transactions = new RandomTransactions(random);
    this.#values = this.#transactions.values;
  }

  #database(): string {
    return this.#values.once(30) ? this.#values.pick(["nothing", "", "_Server"]) : DATABASE;
  }

  #table(): string {
    return this.#values.once(20) ? this.#values.pick(["Nothing", "", "SCALARS"]) : this.#values.pick(TABLES);
  }

  #column(table: string): string {
    const own = [...(columns.get(table)?.keys() ?? [])];
    return own.length === 0 || this.#values.once(20)
      ? this.#values.pick(["nothing", "_uuid", "_version", "name", ""])
      : this.#values.pick(own);
  }

  #server(): string[] {
    const values = this.#values;
    if (values.once(40)) return [values.pick(["unix:nowhere", "tcp:127.0.0.1:1", "bogus:1", "unix:"])];
    return values.once(5) ? ["unix:db.sock"] : [];
  }

  #style(): string[] {
    const values = this.#values;
    const options: string[] = [];
    if (values.once(2)) options.push(`--format=${values.pick(["table", "list", "html", "csv", "json"])}`);
    if (values.once(3)) options.push(`--data=${values.pick(["string", "bare", "json"])}`);
    if (values.once(6)) options.push("--no-headings");
    if (values.once(6)) options.push("--pretty");
    if (values.once(8)) options.push("--bare");
    if (values.once(50))
      options.push(
        values.pick(["--format=x", "--data=x", "--nonsense", "-f", "-Z", "--no-heading", "--timeout=x"]),
      );
    return options;
  }

  #transaction(): string {
    const values = this.#values;
    if (values.once(50))
      return values.pick(["", "x", "[]", "{}", "[1]", '["nothing"]', `["${DATABASE}"`, `["${DATABASE}"]`]);
    return formatJson([DATABASE, ...this.#transactions.next()]);
  }

  // ---- commands

  #dump(): string[] {
    const table = this.#table();
    const names = Array.from({ length: this.#values.count(4) }, () => this.#column(table));
    return ["dump", ...this.#server(), this.#database(), table, ...names];
  }

  #about(): string[] {
    const values = this.#values;
    return values.pick<() => string[]>([
      () => ["list-dbs", ...this.#server()],
      () => [
        values.pick(["get-schema", "get-schema-version", "get-schema-cksum"]),
        ...this.#server(),
        this.#database(),
      ],
      () => ["list-tables", ...this.#server(), this.#database()],
      () => ["list-columns", ...this.#server(), this.#database(), ...(values.once(3) ? [] : [this.#table()])],
      () => ["needs-conversion", values.pick(["schema", "newer", "narrow", "nowhere", "broken"])],
      () => ["wait", this.#database(), values.pick(["added", "connected", "nonsense", ""])],
      () => [
        values.pick(["dump", "transact", "nonsense", "wait", "lock", "convert", "restore"]),
        "x",
        "y",
        "z",
        "w",
        "v",
      ],
      () => [
        values.pick([
          "transact",
          "query",
          "monitor-cond",
          "convert",
          "wait",
          "monitor",
          "lock",
          "needs-conversion",
        ]),
      ],
    ])();
  }

  #condition(table: string): string {
    const values = this.#values;
    const own = [...(columns.get(table) ?? [])];
    if (values.once(8) || own.length === 0)
      return values.pick(["[]", "x", "[true]", "[false]", "true", "{}", '[["nothing","==",1]]']);
    const [name, type] = values.pick(own);
    return formatJson([[name, values.pick(["==", "!=", "includes", "excludes"]), values.value(type)]]);
  }

  #monitor(): string {
    const values = this.#values;
    const table = values.pick(TABLES);
    const file = `m${this.#started++}`;
    const command = values.pick(["monitor", "monitor", "monitor-cond", "monitor-cond-since"]);
    const select = (): string =>
      values.once(3) ? `,!${values.pick(["initial", "insert", "delete", "modify"])}` : "";
    const group = (): string =>
      [
        ...new Set(
          Array.from({ length: 1 + values.count(3) }, () =>
            values.pick([...(columns.get(table)?.keys() ?? [])]),
          ),
        ),
      ].join();
    const groups = Array.from({ length: values.count(2) }, () => group() + select());
    const words = [
      "ovsdb-client",
      `--pidfile=${file}.pid`,
      "--detach",
      "--no-chdir",
      ...(values.once(4) ? ["--timestamp"] : []),
      ...this.#style(),
      command,
      DATABASE,
      ...(command === "monitor" ? [] : [this.#condition(table)]),
      ...(values.once(8) ? ["ALL"] : [table, ...groups]),
    ];
    this.#monitors.push(file);
    return `${words.map(quoted).join(" ")} > ${file} 2>&1`;
  }

  #endMonitor(): string {
    const file = this.#monitors.shift() ?? "";
    return `${TOLD}; test ! -s ${file}.pid || ovs-appctl -t $PWD/ovsdb-client.$(cat ${file}.pid).ctl exit; cat ${file}`;
  }

  #backup(): string {
    return this.#values.pick([
      `ovsdb-client backup ${DATABASE} > saved; ovsdb-tool query saved '["${DATABASE}",{"op":"select","table":"scalars","where":[],"columns":["i","s"]}]'`,
      `ovsdb-client backup ${DATABASE} > saved; ovsdb-tool show-log saved`,
      `ovsdb-client restore ${DATABASE} < saved`,
      `ovsdb-client --force restore ${DATABASE} < saved`,
      `head -c -40 saved > cut; ovsdb-client restore ${DATABASE} < cut`,
      "ovsdb-tool compact saved; ovsdb-client restore < saved",
    ]);
  }

  /** A line for a shell. */
  next(): string {
    const values = this.#values;
    const client = (words: readonly string[]): string =>
      ["ovsdb-client", ...this.#style(), ...words].map(quoted).join(" ");
    if (this.#monitors.length > 2 || (this.#monitors.length > 0 && values.once(15)))
      return this.#endMonitor();
    switch (values.count(16)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return client(this.#dump());
      case 4:
      case 5:
        return client(this.#about());
      case 6:
        return this.#monitor();
      case 7:
        return values.once(3) ? this.#backup() : client(["query", ...this.#server(), this.#transaction()]);
      default:
        return client(["transact", ...this.#server(), this.#transaction()]);
    }
  }

  /** What has to be said at the end: monitors go on otherwise. */
  rest(): string[] {
    const lines: string[] = [];
    while (this.#monitors.length > 0) lines.push(this.#endMonitor());
    return lines;
  }
}
