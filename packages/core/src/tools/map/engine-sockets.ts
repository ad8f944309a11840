// Names of containers as the engines tell them over their sockets: docker's HTTP interface, which podman's service speaks too
// (docs.docker.com/reference/api/engine, "List containers"). Asked only about ids for which the engines' files tell none.

import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import { SECOND } from "../../system/system.ts";

const SOCKETS = ["/run/docker.sock", "/run/podman/podman.sock"];
const PATIENCE = 2 * SECOND;
const REQUEST = "GET /containers/json HTTP/1.0\r\nHost: localhost\r\n\r\n";

/** Names by id of all containers that run; none of an engine that does not answer. */
export async function namesFromSockets(process: Process): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const path of SOCKETS) {
    try {
      if (process.files.status(path).type !== "socket") continue;
      for (const [id, name] of namesIn(await answerOf(process, path))) names.set(id, name);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal; // there is none, or it is not for us
    }
  }
  return names;
}

/** What comes until the other side closes, or patience ends. Errors: Refusal. */
async function answerOf(process: Process, path: string): Promise<string> {
  const socket = process.connectStream({ family: "unix", path });
  try {
    socket.output.write(new TextEncoder().encode(REQUEST));
    const decoder = new TextDecoder();
    const end = process.monotonic() + PATIENCE;
    for (let text = ""; ;) {
      const bytes = socket.input.read();
      if (bytes === null) return text;
      if (bytes !== undefined) text += decoder.decode(bytes, { stream: true });
      else if ((await process.wait([socket.input], end - process.monotonic())) !== "ready") return text;
    }
  } finally {
    socket.close();
  }
}

/** Of the body of an answer: a list of objects with Id and Names, which begin with a slash in docker's. */
export function namesIn(answer: string): [id: string, name: string][] {
  const body = answer.slice(answer.indexOf("\r\n\r\n") + 4);
  let list: unknown;
  try {
    list = JSON.parse(body);
  } catch {
    return []; // no such answer, or half of it
  }
  if (!Array.isArray(list)) return [];
  return list.flatMap((each: { readonly Id?: unknown; readonly Names?: unknown }): [string, string][] => {
    const name: unknown = Array.isArray(each.Names) ? each.Names[0] : undefined;
    return typeof each.Id === "string" && typeof name === "string"
      ? [[each.Id, name.replace(/^\//, "")]]
      : [];
  });
}
