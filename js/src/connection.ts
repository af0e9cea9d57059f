/** Whether the kernel is there, and the kernel's clock. */
import { signal as reactive } from "@preact/signals";
import { type Channel, createChannel, TIMEOUT_MS } from "./channel";
import { isConnected, isKernelBusy, onceDisconnected } from "./host";
import { type CardModel, listen } from "./model";

/** `trying` until the kernel has been heard; only `gone` makes the card read-only. */
export type Link = "trying" | "live" | "busy" | "gone";

/** The longest pause between two hellos to a kernel that does not reply. */
const RARELY_MS = 30_000;

export class Connection {
  readonly link = reactive<Link>("trying");
  readonly channel: Channel;
  private again: ReturnType<typeof setTimeout> | undefined;
  /** Seconds by which the kernel's clock is ahead of the page's. */
  private ahead = 0;

  constructor(
    private readonly model: CardModel,
    private readonly signal: AbortSignal,
    /** Called with the revision of the view that the kernel has. */
    private readonly welcome: (revision: number) => void,
  ) {
    this.channel = createChannel(model, signal, () => this.heard());
    listen(model, "comm_live_update", () => this.reconnect(), signal);
    onceDisconnected(model, () => this.reconnect(), signal);
    signal.addEventListener("abort", () => clearTimeout(this.again));
  }

  get isGone(): boolean {
    return this.link.value === "gone";
  }

  heard(): void {
    clearTimeout(this.again);
    this.link.value = "live";
  }

  /** Seconds since 1970, by the kernel's clock. */
  kernelTime(): number {
    return Date.now() / 1000 + this.ahead;
  }

  /** Say hello until the kernel replies: a busy kernel may lose a hello, and no further message may come. */
  async connect(patience = TIMEOUT_MS): Promise<void> {
    const { reply, inTime } = this.channel.ask({ kind: "hello" });
    void reply.then(({ revision, now }) => {
      if (now !== undefined) this.ahead = now - Date.now() / 1000;
      this.welcome(revision);
    });
    const connected = await isConnected(this.model);
    if (connected && (await inTime)) return;
    if (this.link.value === "live" || this.signal.aborted) return;
    this.link.value = connected && isKernelBusy(this.model) ? "busy" : "gone";
    clearTimeout(this.again);
    const later = () => void this.connect(Math.min(2 * patience, RARELY_MS));
    if (connected) this.again = setTimeout(later, patience);
  }

  private reconnect(): void {
    clearTimeout(this.again);
    this.link.value = "trying";
    void this.connect();
  }
}
