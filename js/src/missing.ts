/** Messages of the kernel that did not arrive: everything is asked for again. */
import type { Channel } from "./channel";

/** Ask the kernel for its whole state where some of it is missing; one request at a time. */
export function createMissing(channel: Channel, isWhole: () => boolean): (isKnown?: boolean) => void {
  let isAsked = false;

  return (isKnown = false) => {
    if (isAsked || (!isKnown && isWhole())) return;
    isAsked = true;
    const { inTime } = channel.ask({ kind: "state_request" });
    void inTime.then(() => {
      isAsked = false;
    });
  };
}
