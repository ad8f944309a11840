// Names of containers as the engines tell them over their sockets: docker's HTTP interface, which podman's service speaks too
// (docs.docker.com/reference/api/engine, "List containers"). Asked only about ids for which the engines' files tell none.

import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import { SECOND } from "../../system/system.ts";
import { namesIn } from "../scan/namespaces.ts";

const SOCKETS = ["/run/docker.sock", "/run/podman/podman.sock"];
/** A user's own engine, in XDG_RUNTIME_DIR. */
const USERS = "/run/user";
const USERS_SOCKETS = ["docker.sock", "podman/podman.sock"];
const PATIENCE = 2 * SECOND;
/** Code units; who answers at a user's socket may be anybody. */
const LONGEST_ANSWER = 1 << 24;
/** What both engines take for a name. */
const NAME = /^\/?([a-zA-Z0-9][\w.-]*)$/;
const REQUEST = "GET /containers/json HTTP/1.0\r\nHost: localhost\r\n\r\n";

/** Names by id of all containers that run; none of an engine that does not answer. */
export async function namesFromSockets(process: Process): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const path of [...SOCKETS, ...usersSockets(process)]) {
    try {
      if (process.files.status(path).type !== "socket") continue;
      // What root's engine says of a container, no user's can change.
      for (const [id, name] of namesInAnswer(await answerOf(process, path)))
        if (!names.has(id)) names.set(id, name);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal; // there is none, or it is not for us
    }
  }
  return names;
}

function usersSockets(process: Process): string[] {
  return namesIn(process, USERS).flatMap((user) =>
    USERS_SOCKETS.map((socket) => `${USERS}/${user}/${socket}`),
  );
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
      if (bytes === null || text.length > LONGEST_ANSWER) return text;
      if (bytes !== undefined) text += decoder.decode(bytes, { stream: true });
      else if ((await process.wait([socket.input], end - process.monotonic())) !== "ready") return text;
    }
  } finally {
    socket.close();
  }
}

/** Of the body of an answer: a list of objects with Id and Names, which begin with a slash in docker's. */
export function namesInAnswer(answer: string): [id: string, name: string][] {
  const body = answer.slice(answer.indexOf("\r\n\r\n") + 4);
  let list: unknown;
  try {
    list = JSON.parse(body);
  } catch {
    return []; // no such answer, or half of it
  }
  if (!Array.isArray(list)) return [];
  return list.flatMap(
    (each: { readonly Id?: unknown; readonly Names?: unknown } | null): [string, string][] => {
      const { Id: id, Names: names } = each ?? {};
      const name: unknown = Array.isArray(names) ? names[0] : undefined;
      const known = typeof name === "string" ? NAME.exec(name)?.[1] : undefined;
      return typeof id === "string" && known !== undefined ? [[id, known]] : [];
    },
  );
}
