/** Messages of the kernel that did not arrive: everything is asked for again. */
import type { Channel } from "./channel";

/**
 * Ask the kernel for its whole state where some of it is missing; one request at a time.
 *
 * `redraw` is called when it is there: the head is what it was, so that no change of it is told.
 */
export function createMissing(
  channel: Channel,
  isWhole: () => boolean,
  redraw: () => void,
): (isKnown?: boolean) => void {
  let isAsked = false;

  return (isKnown = false) => {
    if (isAsked || (!isKnown && isWhole())) return;
    isAsked = true;
    const { reply, inTime } = channel.ask({ kind: "state_request" });
    void reply.then(redraw);
    void inTime.then(() => {
      isAsked = false;
    });
  };
}
