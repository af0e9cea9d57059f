/** Messages of the kernel that did not arrive: everything is asked for again. */
import type { Channel } from "./channel";

/**
 * Ask the kernel for the whole state where a part is missing; only a single request at a time.
 *
 * `redraw` is called when the state is there: the head has not changed, so that no event is sent.
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
