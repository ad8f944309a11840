/** `watch:` of `ovs-ofctl monitor`: which changes of which flows are told (parse_flow_monitor_request of ofp-monitor.c). */
import { parseFlow } from "../../ovsproto/openflow/flow-parse.ts";
import { keyValues } from "../../ovsproto/openflow/key-values.ts";
import type { MessageBody } from "../../ovsproto/openflow/message-body.ts";
import { MonitorFlag } from "../../ovsproto/openflow/monitor-messages.ts";
import type { Names } from "../../ovsproto/openflow/names.ts";
import { TextError } from "../../ovsproto/openflow/text-error.ts";
import { Fatal } from "./ofctl-context.ts";
import type { Ofctl } from "./ofctl-context.ts";

const ALL =
  MonitorFlag.INITIAL |
  MonitorFlag.ADD |
  MonitorFlag.DELETE |
  MonitorFlag.MODIFY |
  MonitorFlag.ACTIONS |
  MonitorFlag.ONLY_OWN;
/** Words that take something away from all that is told. */
const WITHOUT: ReadonlyMap<string, number> = new Map([
  ["!initial", MonitorFlag.INITIAL],
  ["!add", MonitorFlag.ADD],
  ["!delete", MonitorFlag.DELETE],
  ["!modify", MonitorFlag.MODIFY],
  ["!actions", MonitorFlag.ACTIONS],
  ["!own", MonitorFlag.ONLY_OWN],
]);

export function parseWatch(ofctl: Ofctl, text: string, names: Names): MessageBody {
  let flags: number = ALL;
  let outPort = 0xffff;
  let outGroup = 0xffff_ffff;
  const words: string[] = [];
  for (const { key, value } of keyValues(text)) {
    const without = WITHOUT.get(key);
    if (without !== undefined) flags &= ~without;
    else if (key === "out_port" || key === "out_group") {
      if (value === "") throw new Fatal(`${text}: field ${key} missing value`);
      // as atoi() reads it: what is no number is 0
      const number = Number.parseInt(value, 10) || 0;
      if (key === "out_port") outPort = number & 0xffff;
      else outGroup = number >>> 0;
    } else if (key === "cookie") {
      throw new Fatal(`${text}: unknown keyword cookie`);
    } else words.push(value === "" ? key : `${key}=${value}`);
  }
  const { flow } = ofctl.parse(() => {
    try {
      return parseFlow(words.join(","), "request", names);
    } catch (error) {
      if (error instanceof TextError && /^(?:field|unknown keyword)/.test(error.message)) {
        throw new TextError(`${text}: ${error.message}`);
      }
      throw error;
    }
  });
  const { table, match } = flow;
  return {
    type: "flow_monitor_request",
    requests: [{ id: 0, flags, command: 0, outPort, outGroup, table, match }],
  };
}
