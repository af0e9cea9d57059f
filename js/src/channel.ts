/**
 * Questions to the kernel, and the kernel's answers, over the widget's custom messages.
 *
 * Custom messages reach every page that shows the widget, so each request has an id and only the page that asked
 * hears the reply. A reply that comes after the time-out still counts.
 */
import type { CardModel } from "./model";
import { listen } from "./model";
import type { KernelMessage, PageMessage, RecordOutcome, Replies } from "./protocol";

export const TIMEOUT_MS = 3000;

type Body<K extends keyof Replies> = Omit<Extract<PageMessage, { kind: K }>, "request">;

export type Asks<K extends keyof Replies> = Body<K> & { kind: K };

export interface Exchange<R> {
  /** Settles when the kernel replies, however late; never without a reply. */
  reply: Promise<R>;
  /** Whether the reply came before the time-out. */
  inTime: Promise<boolean>;
}

export interface Channel {
  ask<K extends keyof Replies>(body: Body<K> & { kind: K }): Exchange<Replies[K]>;
  tell(message: RecordOutcome): void;
}

export function createChannel(
  model: CardModel,
  signal: AbortSignal,
  heard: (message: KernelMessage) => void = () => {},
): Channel {
  const waiting = new Map<string, (message: KernelMessage) => void>();

  listen(
    model,
    "msg:custom",
    (message: KernelMessage) => {
      heard(message);
      waiting.get(message.request)?.(message);
      waiting.delete(message.request);
    },
    signal,
  );

  return {
    ask(body) {
      const request = newRequest();
      const reply = new Promise<KernelMessage>((resolve) => waiting.set(request, resolve));
      const sent = send(model, { ...body, request } as PageMessage);
      const inTime = sent ? withinTime(reply, signal) : Promise.resolve(false);
      return { reply, inTime } as Exchange<never>;
    },
    tell(message) {
      send(model, message);
    },
  };
}

/** Whether the message went out: a model whose kernel is gone throws. */
function send(model: CardModel, message: PageMessage): boolean {
  try {
    model.send(message);
    return true;
  } catch {
    return false;
  }
}

function withinTime(reply: Promise<unknown>, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const stop = () => clearTimeout(timer);
    const end = (isInTime: boolean) => {
      stop();
      signal.removeEventListener("abort", stop); // a view lasts for thousands of requests
      resolve(isInTime);
    };
    const timer = setTimeout(end, TIMEOUT_MS, false);
    signal.addEventListener("abort", stop);
    void reply.then(() => end(true));
  });
}

/** Not `crypto.randomUUID`: a notebook server reached over plain http is no secure context. */
export function newRequest(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
