// A static FDB entry says that a host is behind a port where it is not.

import { at, CERTAINTY } from "../diagnosis.ts";
import type { Diagnosis, Entry } from "../diagnosis.ts";
import { command } from "../network-state.ts";
import { bridgeOf } from "../segment.ts";

export const wrongFdb: Entry = {
  id: "wrong-fdb",
  title: "a static FDB entry points to the wrong port",
  examine: (view) =>
    view.ways.flatMap(({ hops }) =>
      hops.flatMap(({ path, owners }) =>
        path.flatMap((link, index): Diagnosis[] => {
          const bridge = bridgeOf(link);
          const [owner] = owners;
          if (bridge === undefined || owner === undefined || path[index - 1] !== bridge) return [];
          const entry = link.place.fdb.find(
            ({ port, mac, static: fixed }) =>
              fixed &&
              mac === owner.link.mac &&
              port !== link &&
              (bridgeOf(port) === bridge || port === bridge),
          );
          if (entry === undefined) return [];
          return [
            {
              id: "wrong-fdb",
              place: at(entry.port),
              problem: `${bridge.name} has a static entry for ${entry.mac} at ${entry.port.name}, but the host is behind ${link.name}`,
              evidence: [`${owner.link.mac} is ${owner.link.name} in ${owner.link.place.name}`],
              fix: [command("bridge", link.place, `fdb del ${entry.mac} dev ${entry.port.name} master`)],
              certainty: CERTAINTY.ON_THE_WAY,
            },
          ];
        }),
      ),
    ),
};
