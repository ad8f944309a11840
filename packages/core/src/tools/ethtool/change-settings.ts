// ethtool -s: generic options. They belong to four messages; each that has something to say is sent, in the order in which
// the command line first spoke of it, until one is refused.

import * as codec from "../../netlink/generic/ethtool.ts";
import { ETHTOOL_MSG } from "../../netlink/generic/ethtool-constants.ts";
import { readBits, readWakeModes } from "./bits.ts";
import { number, onOff, word, wrongParameter } from "./parameters.ts";
import type { Parameters } from "./parameters.ts";
import type { Answers, EthtoolSession } from "./session.ts";

const FAILED = 75; // exit status

type Message = "link modes" | "link information" | "wake-on-LAN" | "messages";
type Members = Record<string, unknown>;

const LINK_MODES: Parameters = {
  speed: ["speed", number()],
  lanes: ["lanes", number()],
  duplex: ["duplex", word({ half: 0, full: 1 })],
  autoneg: ["autoneg", onOff],
  "master-slave": [
    "masterSlaveCfg",
    word({ "preferred-master": 2, "preferred-slave": 3, "forced-master": 4, "forced-slave": 5 }),
  ],
};
const LINK_INFORMATION: Parameters = {
  port: ["port", word({ tp: 0, aui: 1, mii: 2, fibre: 3, bnc: 4, da: 5 })],
  mdix: ["tpMdixCtrl", word({ off: 1, on: 2, auto: 3 })],
  phyad: ["phyaddr", number(0xff)],
};

const SECURE_ON = /^[0-9a-fA-F]{1,2}(:[0-9a-fA-F]{1,2}){5}$/;

/** Reads the arguments into the messages that they belong to. */
class Reader {
  readonly messages = new Map<Message, Members>();
  readonly #session: EthtoolSession;
  readonly #seen = new Set<string>();
  #at = 0;

  constructor(session: EthtoolSession) {
    this.#session = session;
    while (this.#at < session.args.length) this.#parameter();
  }

  #set(message: Message, member: string, value: unknown): void {
    this.messages.set(message, { ...this.messages.get(message), [member]: value });
  }

  #parameter(): void {
    const session = this.#session;
    const name = session.args[this.#at++] ?? "";
    const message = Object.hasOwn(LINK_MODES, name) ? "link modes" : "link information";
    const table = message === "link modes" ? LINK_MODES : LINK_INFORMATION;
    const known = Object.hasOwn(table, name) ? table[name] : undefined;
    if (!known && !["advertise", "wol", "sopass", "msglvl", "xcvr"].includes(name)) {
      wrongParameter(session, `unknown parameter '${name}'`);
    }
    if (name === "xcvr") wrongParameter(session, "deprecated parameter 'xcvr' not supported by kernel");
    if (this.#seen.has(name)) wrongParameter(session, `duplicate parameter '${name}'`);
    this.#seen.add(name);
    const text = session.args[this.#at];
    if (text === undefined) return wrongParameter(session, `no value for parameter '${name}'`);
    if (!known) return this.#special(name, text);
    this.#at++;
    const [member, read] = known;
    const value = read(text);
    if (value === undefined) wrongParameter(session, `invalid value '${text}' for parameter '${name}'`);
    this.#set(message, member, value);
  }

  /** Values that are more than one word, or have a form of their own. */
  #special(name: string, text: string): void {
    const session = this.#session;
    if (name === "advertise" || name === "msglvl") {
      const { set, words } = readBits(session, name, session.args.slice(this.#at));
      this.#at += words;
      if (name === "advertise") this.#set("link modes", "ours", set);
      else this.#set("messages", "msgmask", set);
      return;
    }
    this.#at++;
    if (name === "wol") this.#set("wake-on-LAN", "modes", readWakeModes(session, text));
    else {
      if (!SECURE_ON.test(text)) wrongParameter(session, `invalid value '${text}' of parameter 'sopass'`);
      this.#set(
        "wake-on-LAN",
        "sopass",
        Uint8Array.from(text.split(":"), (byte) => Number.parseInt(byte, 16)),
      );
    }
  }
}

function send(session: EthtoolSession, message: Message, members: Members): Answers {
  switch (message) {
    case "link modes":
      return session.ask(ETHTOOL_MSG.LINKMODES_SET, codec.linkmodes, members);
    case "link information":
      return session.ask(ETHTOOL_MSG.LINKINFO_SET, codec.linkinfo, members);
    case "wake-on-LAN":
      return session.ask(ETHTOOL_MSG.WOL_SET, codec.wol, members);
    case "messages":
      return session.ask(ETHTOOL_MSG.DEBUG_SET, codec.debug, members);
  }
}

/** ethtool -s */
export function setSettings(session: EthtoolSession): number {
  for (const [message, members] of new Reader(session).messages) {
    if (send(session, message, members).errno !== 0) return FAILED;
  }
  return 0;
}
