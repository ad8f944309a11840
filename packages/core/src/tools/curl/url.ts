// URLs of HTTP (RFC 3986), as curl takes them: the scheme may be left out.

export interface HttpUrl {
  readonly scheme: string;
  /** As it stands in the URL, brackets left out. */
  readonly host: string;
  readonly port: number;
  /** With the query. */
  readonly path: string;
  /** Host and port as the header says them. */
  readonly authority: string;
}

const PORTS: Readonly<Record<string, number>> = { http: 80, https: 443, ftp: 21 };

/** Undefined for what is no URL. */
export function parseUrl(text: string): HttpUrl | undefined {
  const [, scheme = "http", rest = ""] = /^(?:([a-zA-Z][\w+.-]*):\/\/)?(.*)$/.exec(text) ?? [];
  const [, authority = "", after = ""] = /^([^/?#]*)([^#]*)/.exec(rest) ?? [];
  const hostPart = authority.slice(authority.lastIndexOf("@") + 1);
  const match = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d*))?$/.exec(hostPart);
  const host = match?.[1] ?? match?.[2] ?? "";
  if (match === null || host === "") return undefined;
  const standard = PORTS[scheme.toLowerCase()] ?? 0;
  const port = match[3] === undefined || match[3] === "" ? standard : Number(match[3]);
  if (port > 65_535) return undefined;
  const bracketed = match[1] === undefined ? host : `[${host.replace(/%.*$/, "")}]`;
  return {
    scheme: scheme.toLowerCase(),
    host,
    port,
    path: withoutDots(after.startsWith("/") ? after : `/${after}`),
    authority: port === standard ? bracketed : `${bracketed}:${port}`,
  };
}

/** RFC 3986, 5.2.4 */
function withoutDots(path: string): string {
  const [, name = "", query = ""] = /^([^?]*)(.*)$/.exec(path) ?? [];
  const kept: string[] = [];
  const segments = name.split("/").slice(1);
  for (const [at, segment] of segments.entries()) {
    const isLast = at === segments.length - 1;
    if (segment === "..") kept.pop();
    else if (segment !== ".") kept.push(segment);
    if (isLast && (segment === ".." || segment === ".")) kept.push("");
  }
  return `/${kept.join("/")}${query}`;
}

/** Where a Location header leads. */
export function resolveUrl(from: HttpUrl, location: string): string {
  if (/^[a-zA-Z][\w+.-]*:\/\//.test(location)) return location;
  const base = `${from.scheme}://${from.authority}`;
  if (location.startsWith("/")) return base + location;
  return `${base}${from.path.replace(/\?.*$/, "").replace(/[^/]*$/, "")}${location}`;
}
