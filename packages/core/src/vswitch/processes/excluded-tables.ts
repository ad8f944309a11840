// Tables that a backup does not copy, as --sync-exclude-tables writes them: DATABASE:TABLE, separated by commas.

import { compareText } from "../../ovsproto/json.ts";

export class ExcludedTables {
  readonly #tables = new Map<string, Set<string>>();

  /** Undefined if a word is not of that form. */
  static parse(text: string): ExcludedTables | undefined {
    const excluded = new ExcludedTables();
    for (const word of text.split(",")) {
      if (word === "") continue;
      const [database = "", table = "", more] = word.split(":").filter((part) => part !== "");
      if (table === "" || more !== undefined) return undefined;
      const tables = excluded.#tables.get(database) ?? new Set<string>();
      excluded.#tables.set(database, tables.add(table));
    }
    return excluded;
  }

  of(database: string): ReadonlySet<string> {
    return this.#tables.get(database) ?? new Set();
  }

  text(): string {
    return [...this.#tables]
      .flatMap(([database, tables]) => [...tables].map((table) => `${database}:${table}`))
      .sort(compareText)
      .join(",");
  }
}
