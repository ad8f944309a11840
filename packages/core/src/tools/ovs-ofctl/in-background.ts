/** Commands of ovs-ofctl that go on until they are told to end: in the foreground, or with --detach in a process of their own. */
import { Exit } from "../../system/process.ts";
import { inBackground as runInBackground, PidFileFailure } from "../ovs-daemons/background.ts";
import { Fatal, Ofctl } from "./ofctl-context.ts";

const NAME = "ovs-ofctl";

/** What such a command does; `ready` is called once it serves. */
type Service = (ofctl: Ofctl, ready: () => void) => Promise<void>;

export async function inBackground(ofctl: Ofctl, service: Service): Promise<number> {
  const { process, options } = ofctl;
  const { detach, pidFile } = options;
  return runInBackground(process, { program: NAME, detach, pidFile }, (own, ready) => {
    if (own === process) return run(ofctl, service, ready);
    const inside = new Ofctl(own, options);
    return run(inside, service, () => {
      ready();
      inside.silent = true;
      inside.toolLog.detach();
    });
  });
}

/** Says itself what goes wrong, as nobody else hears of it in the background. */
async function run(ofctl: Ofctl, service: Service, ready: () => void): Promise<number> {
  try {
    await service(ofctl, ready);
    return 0;
  } catch (error) {
    if (error instanceof Exit || !(error instanceof Fatal || error instanceof PidFileFailure)) throw error;
    ofctl.process.flush();
    ofctl.process.warn(`${NAME}: ${error.message}\n`);
    return 1;
  }
}
