/** Countdowns of questions, stopped while a person works on the answer. */
import type { Channel } from "./channel";
import type { Question } from "./protocol";

export class Countdowns {
  /** The requests that the kernel has not answered yet. */
  private readonly asked = new Set<string>();

  constructor(private readonly channel: Channel) {}

  /** Stop the countdown of a question, or continue. */
  pause({ id, deadline }: Question, goesOn: boolean): void {
    const wish = `${id} ${goesOn}`;
    if (!deadline || (deadline.left === null) === goesOn || this.asked.has(wish)) return;
    this.asked.add(wish);
    const { inTime } = this.channel.ask({ kind: "pause", id, goes_on: goesOn });
    void inTime.then(() => this.asked.delete(wish));
  }
}
