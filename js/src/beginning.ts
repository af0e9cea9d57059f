/** Tells the kernel that a person changes an answer, so that other kernels can tell their people. */
import type { ReadonlySignal } from "@preact/signals";
import type { Channel } from "./channel";
import type { Person } from "./identity";
import type { View } from "./protocol";

export const EVERY_MS = 15_000;

export class Beginning {
  private told = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly channel: Channel,
    private readonly view: ReadonlySignal<View>,
    private readonly person: Pick<Person, "name">,
  ) {}

  /** A person changes an answer: told at once, then once in a while. Not sent where no further kernel has the thread. */
  tell(): void {
    const now = performance.now();
    if (!this.view.value.opens || now - this.told < EVERY_MS) return;
    this.told = now;
    const { name } = this.person;
    this.channel.ask({ kind: "begin", ...(name && { by: name }) });
  }
}
