// Random calls of ovsdb-tool on a few files: databases are made, written, converted and compacted, some are damaged in between,
// and every command meets whatever is there. Databases are those of schema.ts, and of schemas that are a little different.

import { createHash } from "node:crypto";
import { formatJson } from "@patchcord/core/ovsproto/json.ts";
import type { Json } from "@patchcord/core/ovsproto/json.ts";
import type { Random } from "../ovs-tools/message-templates.ts";
import { RandomTransactions } from "./random-transactions.ts";
import type { RandomValues } from "./random-values.ts";
import { quoted } from "./shell-word.ts";

const DATABASE = "everything";
const FILES = ["a.db", "a.db", "b.db", "c.db"];
const SCHEMAS = ["schema", "schema", "newer", "narrow", "other"];

/** Schemas beside the one of the file `schema`, made from that. */
export const SCHEMA_FILES = [
  `sed 's/"1.2.3"/"1.3.0"/;s/"passing"/"gone"/' schema > newer`,
  `sed 's/"min":0,"max":"unlimited"/"min":0,"max":2/g;s/"1 2"/"3 4"/' schema > narrow`,
  `echo '{"name":"other","version":"0.1.0","tables":{"t":{"columns":{"a":{"type":"integer"}},"maxRows":2}}}' > other`,
  `echo '{"name":"broken","tables":{"t":{"columns":{"a":{"type":"number"}}}}}' > broken`,
];

/** What writes a text with any characters in it, in one line. */
const printed = (text: string): string =>
  `printf ${quoted(text.replaceAll("\\", "\\\\").replaceAll("%", "%%").replaceAll("\n", "\\n"))}`;

const digest = (text: string): string => createHash("sha1").update(text).digest("hex");

export class FileLines {
  readonly #transactions: RandomTransactions;
  readonly #values: RandomValues;

  constructor(random: Random) {
    this.#transactions = new RandomTransactions(random);
    this.#values = this.#transactions.values;
  }

  #file(): string {
    return this.#values.once(15)
      ? this.#values.pick(["nowhere.db", "schema", ".", "no/where.db"])
      : this.#any();
  }

  #any(): string {
    return this.#values.pick(FILES);
  }

  #schema(): string {
    return this.#values.once(8)
      ? this.#values.pick(["nowhere", "broken", "a.db", "."])
      : this.#values.pick(SCHEMAS);
  }

  #transaction(): string {
    const values = this.#values;
    if (values.once(40))
      return values.pick(["", "x", "[]", "{}", "[1]", `["${DATABASE}"`, `["${DATABASE}",]`]);
    const name = values.once(40) ? "other" : DATABASE;
    return formatJson([name, ...this.#transactions.next()]);
  }

  // ---- commands

  #create(): string[] {
    return ["create", this.#file(), this.#schema()];
  }

  #changes(): string[] {
    const values = this.#values;
    const target = (): string[] => (values.once(2) ? [] : [this.#file()]);
    return values.pick<() => string[]>([
      () => ["compact", this.#file(), ...target()],
      () => ["convert", this.#file(), this.#schema(), ...target()],
      () => ["query", this.#file(), this.#transaction()],
    ])();
  }

  #questions(): string[] {
    const values = this.#values;
    const version = (): string =>
      values.pick(["1.2.3", "1.2.4", "1.10.3", "0.0.0", "1.2", "x", "1.2.3.4", "01.2.3", ""]);
    const show = (): string[] => [
      ...values.pick([[], ["-m"], ["-mm"], ["-m", "--more"], ["-mmm"]]),
      "show-log",
      this.#file(),
    ];
    return values.pick<() => string[]>([
      show,
      show,
      show,
      () => ["needs-conversion", this.#file(), this.#schema()],
      () => [
        values.pick(["db-name", "db-version", "db-cksum", "db-cid", "db-sid", "db-local-address"]),
        this.#file(),
      ],
      () => [values.pick(["db-is-clustered", "db-is-standalone"]), this.#file()],
      () => [values.pick(["schema-name", "schema-version", "schema-cksum"]), this.#schema()],
      () => [
        "compare-versions",
        version(),
        values.pick(["<", "<=", "==", ">=", ">", "!=", "=", ""]),
        version(),
      ],
      () => ["check-cluster", this.#file()],
      () => [
        values.pick(["query", "compact", "transact", "db-name", "convert", "nonsense", "show-log"]),
        "x",
        "y",
        "z",
        "w",
      ],
    ])();
  }

  #option(): string[] {
    const values = this.#values;
    if (!values.once(25)) return [];
    return values.pick([
      ["-m"],
      ["--more"],
      ["--rbac-role=x"],
      ["--nonsense"],
      ["-vconsole:off"],
      ["-Z"],
      ["--more=1"],
    ]);
  }

  // ---- damage

  /** A record that is whole, whatever it says. */
  #record(): string {
    const values = this.#values;
    const uuid = values.uuid();
    const json = values.pick<Json>([
      [],
      {},
      { _date: "today" },
      { _date: 5 },
      { _date: 1_700_000_000_123, _comment: "by hand" },
      { _comment: 7 },
      { _is_diff: 1 },
      { _is_diff: true, _comment: "nothing" },
      { nowhere: {} },
      { scalars: [] },
      { scalars: { x: {} } },
      { scalars: { [uuid]: 5 } },
      { scalars: { [uuid]: null } },
      { scalars: { [uuid]: { nothing: 1 } } },
      { scalars: { [uuid]: { i: "text" } } },
      { scalars: { [uuid]: { i: 5, s: "kept" } }, _comment: "a row" },
      { scalars: { [uuid]: { se: "zz" } } },
      { sets: { [uuid]: { is: ["set", [1, 2]] } }, _is_diff: true },
      { child: { [uuid]: { name: "nobody's" } } },
      { parent: { [uuid]: { children: ["uuid", values.uuid()] } } },
    ]);
    const text = values.once(8) ? values.pick(["{", "x\n", "{}{}", '{"a":1}']) : `${formatJson(json)}\n`;
    const hash = values.once(12) ? "0".repeat(40) : digest(text);
    return `OVSDB JSON ${Buffer.byteLength(text)} ${hash}\n${text}`;
  }

  #damage(): string {
    const values = this.#values;
    const [from, to] = [this.#any(), this.#any()];
    const length = values.count(values.pick([20, 100, 8000, 16_000]));
    return values.pick<() => string>([
      () => `head -c ${length} ${from} > x.tmp; mv x.tmp ${to}`,
      () => `head -c -${1 + values.count(200)} ${from} > x.tmp; mv x.tmp ${to}`,
      () => `${printed(this.#record())} >> ${to}`,
      () => `${printed(this.#record())} >> ${to}`,
      () =>
        `${printed(values.pick(["garbage", "\n", "OVSDB JSON 3 ", "OVSDB JSON 5 x\n", "OVSDB CLUSTER 1 2\n"]))} >> ${to}`,
      () =>
        `sed 's/"${values.pick(["i", "name", "_date", "version"])}"/"zz"/' ${from} > x.tmp; mv x.tmp ${to}`,
      () => `cat ${from} b.db > x.tmp; mv x.tmp ${to}`,
      () => `: > ${to}`,
      () => `rm -f ${to}`,
    ])();
  }

  /** A line for a shell. */
  next(): string {
    const values = this.#values;
    const tool = (words: readonly string[]): string =>
      ["ovsdb-tool", ...this.#option(), ...words].map(quoted).join(" ");
    switch (values.count(20)) {
      case 0:
        return this.#damage();
      case 1:
      case 2: {
        const file = this.#any();
        return `rm -f ${file}; ${tool(["create", file, this.#schema()])}`;
      }
      case 3:
        return tool(this.#create());
      case 4:
      case 5:
        return tool(this.#changes());
      case 6:
      case 7:
      case 8:
      case 9:
      case 10:
        return tool(this.#questions());
      default:
        return tool(["transact", this.#any(), this.#transaction()]);
    }
  }
}
