// Options that the tools of Open vSwitch have in common: how tables are printed, logging, and SSL.

import type { OptionSpec, ParsedOption } from "./options.ts";
import { OptionError } from "./options.ts";
import type { CellFormat, TableFormat, TableStyle } from "./output-table.ts";

export const TABLE_OPTIONS: readonly OptionSpec[] = [
  { name: "format", short: "f", argument: "required" },
  { name: "data", short: "d", argument: "required" },
  { name: "no-headings", argument: "none" },
  { name: "pretty", argument: "none" },
  { name: "bare", argument: "none" },
  { name: "max-column-width", argument: "required" },
];

/** Taken and not used. */
export const LOG_OPTIONS: readonly OptionSpec[] = [
  { name: "verbose", short: "v", argument: "optional" },
  { name: "log-file", argument: "optional" },
  { name: "syslog-method", argument: "required" },
  { name: "syslog-target", argument: "required" },
];

export const SSL_OPTIONS: readonly OptionSpec[] = [
  { name: "private-key", short: "p", argument: "required" },
  { name: "certificate", short: "c", argument: "required" },
  { name: "ca-cert", short: "C", argument: "required" },
  { name: "ssl-protocols", argument: "required" },
  { name: "ssl-ciphers", argument: "required" },
  { name: "bootstrap-ca-cert", argument: "required" },
];

const FORMATS: readonly string[] = ["table", "list", "html", "csv", "json"];
const CELL_FORMATS: readonly string[] = ["string", "bare", "json"];

/** The style after one option more. Errors: OptionError. */
export function styleWith(style: TableStyle, { name, value = "" }: ParsedOption): TableStyle {
  switch (name) {
    case "format":
      if (!FORMATS.includes(value)) throw new OptionError(`unknown output format "${value}"`);
      return { ...style, format: value as TableFormat };
    case "data":
      if (!CELL_FORMATS.includes(value)) throw new OptionError(`unknown data format "${value}"`);
      return { ...style, cells: value as CellFormat };
    case "no-headings":
      return { ...style, headings: false };
    case "pretty":
      return { ...style, pretty: true };
    case "bare":
      return { ...style, format: "list", cells: "bare", headings: false };
    case "max-column-width":
      return { ...style, maxColumnWidth: parseInt(value, 10) || 0 };
    default:
      return style;
  }
}

/** A time in seconds that is to be positive. Errors: OptionError. */
export function timeoutOf(value: string): number {
  const seconds = /^[-+]?\d+$/.test(value) ? Number(value) : 0;
  if (seconds <= 0) throw new OptionError(`value ${value} on -t or --timeout is invalid`);
  return seconds;
}
