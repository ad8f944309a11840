// Tables as the tools of Open vSwitch print them: table, list, html, csv or json, with cells in the notation of tools, bare
// or as JSON (ovs-vsctl(8), "Table Formatting Options").

import type { Json } from "../../ovsproto/json.ts";
import { formatJson } from "../../ovsproto/json.ts";
import { parseUuid } from "../../ovsproto/ovsdb/uuid.ts";
import { datumToJson, formatDatum, formatDatumBare } from "../../ovsproto/ovsdb/datum.ts";
import type { Datum } from "../../ovsproto/ovsdb/datum.ts";
import type { ColumnType } from "../../ovsproto/ovsdb/type.ts";

export type TableFormat = "table" | "list" | "html" | "csv" | "json";
export type CellFormat = "string" | "bare" | "json";

export interface TableStyle {
  readonly format: TableFormat;
  readonly cells: CellFormat;
  readonly headings: boolean;
  readonly pretty: boolean;
  /** Characters of a cell in format "table"; 0: no limit. */
  readonly maxColumnWidth: number;
}

/** A value of a column, fixed text, JSON, or nothing. */
export type Cell =
  | { readonly type: ColumnType; readonly datum: Datum }
  | { readonly text: string }
  | { readonly json: Json }
  | undefined;

export interface OutputTable {
  readonly caption?: string;
  /** Printed above, and a member of JSON. */
  readonly timestamp?: string;
  readonly headings: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

function cellText(cell: Cell, style: TableStyle): string {
  if (cell === undefined) return "";
  if ("text" in cell) return cell.text;
  if ("json" in cell) return formatJson(cell.json, { sort: true });
  switch (style.cells) {
    case "string":
      return formatDatum(cell.type, cell.datum);
    case "bare":
      return formatDatumBare(cell.type, cell.datum);
    case "json":
      return formatJson(datumToJson(cell.type, cell.datum), { sort: true });
  }
}

const encoder = new TextEncoder();
const width = (text: string): number => encoder.encode(text).length;
const pad = (text: string, to: number): string => text + " ".repeat(Math.max(0, to - width(text)));

/** Prints tables one after the other; in most formats an empty line stands between two. */
export class TablePrinter {
  readonly #style: TableStyle;
  #printed = 0;

  constructor(style: TableStyle) {
    this.#style = style;
  }

  format(table: OutputTable): string {
    switch (this.#style.format) {
      case "table":
        return this.#separated(table, this.#table(table));
      case "list":
        return this.#separated(table, this.#list(table));
      case "csv":
        return this.#separated(table, this.#csv(table));
      case "html":
        return (table.timestamp === undefined ? "" : `${table.timestamp}\n`) + this.#html(table);
      case "json":
        return this.#json(table);
    }
  }

  #separated({ caption, timestamp }: OutputTable, body: string): string {
    const gap = this.#printed++ > 0 ? "\n" : "";
    const time = timestamp === undefined ? "" : `${timestamp}\n`;
    return `${gap}${time}${caption === undefined ? "" : `${caption}\n`}${body}`;
  }

  #table({ headings, rows }: OutputTable): string {
    const limit = this.#style.maxColumnWidth || Infinity;
    const cells = rows.map((row) => row.map((cell) => cellText(cell, this.#style)));
    // A heading is never cut, so what stands below it may be as long.
    const widths = headings.map((heading, column) =>
      Math.max(
        this.#style.headings ? width(heading) : 0,
        Math.min(limit, Math.max(0, ...cells.map((row) => width(row[column] ?? "")))),
      ),
    );
    const last = headings.length - 1;
    const line = (texts: readonly string[]): string => {
      const cut = texts.map((text, column) => {
        const limited = text.slice(0, widths[column]);
        return column === last ? limited : pad(limited, widths[column] ?? 0);
      });
      return `${cut.join(" ").replace(/ +$/, "")}\n`;
    };
    const head = this.#style.headings
      ? `${line(headings)}${widths.map((count) => "-".repeat(count)).join(" ")}\n`
      : "";
    return head + cells.map(line).join("");
  }

  #list({ headings, rows }: OutputTable): string {
    return rows
      .map((row) =>
        row
          .map((cell, column) => {
            const heading = this.#style.headings ? `${pad(headings[column] ?? "", 20)}: ` : "";
            return `${heading}${cellText(cell, this.#style)}\n`;
          })
          .join(""),
      )
      .join("\n");
  }

  #csv({ headings, rows }: OutputTable): string {
    const quoted = (text: string): string => (/[\n",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    const line = (texts: readonly string[]): string => `${texts.map(quoted).join(",")}\n`;
    const body = rows.map((row) => line(row.map((cell) => cellText(cell, this.#style)))).join("");
    return (this.#style.headings ? line(headings) : "") + body;
  }

  #html({ caption, headings, rows }: OutputTable): string {
    const row = (cells: readonly string[]): string => `  <tr>\n${cells.join("")}  </tr>\n`;
    const head = this.#style.headings ? row(headings.map((heading) => htmlCell("th", heading))) : "";
    const body = rows.map((cells) =>
      row(
        cells.map((cell, column) => {
          const text = cellText(cell, this.#style);
          if (headings[column] !== "_uuid") return htmlCell("td", text);
          return `    <td><a name="${escapeHtml(text)}">${escapeHtml(text.slice(0, 8))}</a></td>\n`;
        }),
      ),
    );
    const title = caption === undefined ? "" : htmlCell("caption", caption);
    return `<table border=1>\n${title}${head}${body.join("")}</table>\n`;
  }

  #json({ caption, timestamp, headings, rows }: OutputTable): string {
    const json: Json = {
      ...(caption === undefined ? {} : { caption }),
      ...(timestamp === undefined ? {} : { time: timestamp }),
      headings,
      data: rows.map((row) =>
        row.map((cell) => {
          if (cell === undefined) return null;
          if ("json" in cell) return cell.json;
          return "text" in cell ? cell.text : datumToJson(cell.type, cell.datum);
        }),
      ),
    };
    return `${formatJson(json, { sort: true, pretty: this.#style.pretty })}\n`;
  }
}

const HTML: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (char) => HTML[char] ?? char);
}

const UUID_LENGTH = 36;

/** UUIDs in the text lead to the row of that name. */
function htmlCell(element: string, text: string): string {
  let out = "";
  for (let at = 0; at < text.length;) {
    const uuid = text.slice(at, at + UUID_LENGTH);
    if (parseUuid(uuid) === undefined) {
      out += escapeHtml(text[at] ?? "");
      at++;
    } else {
      out += `<a href="#${uuid}">${uuid.slice(0, 8)}</a>`;
      at += UUID_LENGTH;
    }
  }
  return `    <${element}>${out}</${element}>\n`;
}
