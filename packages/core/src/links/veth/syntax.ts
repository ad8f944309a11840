// veth in `ip link`: `type veth [peer OPTIONS]`. The peer takes the options of a link of its own.

import { giveUp } from "../../tools/ip/arguments.ts";
import type { LinkSyntax } from "../../tools/ip/link-syntax.ts";
import type { Session } from "../../tools/ip/session.ts";
import { encodeVethData } from "./netlink.ts";

function help({ process }: Session): void {
  process.print(
    "Usage: ip link <options> type veth [peer <options>]\nTo get <options> type 'ip link add help'\n",
  );
}

export const vethSyntax: LinkSyntax = {
  kind: "veth",
  parse(args, parser) {
    if (args.current !== "peer") {
      help(parser.session);
      return giveUp(parser.session.process, "");
    }
    args.advance();
    return encodeVethData({ peer: parser.parseEnd(args) });
  },
  help,
};
