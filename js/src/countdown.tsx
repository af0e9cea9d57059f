/** The time that a person has for a question: counted down, and stopped as soon as the person begins. */
import { useEffect, useState } from "preact/hooks";
import type { Question } from "./protocol";
import { Shown } from "./shown";
import type { Store } from "./store";
import * as strings from "./strings";

const text = strings.deadline;
const SECOND = 1000;

export function Countdown({ store, question }: { store: Store; question: Question }) {
  const { deadline } = question;
  const left = useLeft(store, deadline?.at ?? null, deadline?.left ?? null);
  if (!deadline) return null;
  const isPaused = deadline.left !== null;
  const isOff = store.link.value === "gone";
  return (
    <p class="countdown">
      <span role="timer" class={!isPaused && left < 60 ? "time soon" : "time"}>
        {isPaused ? text.paused(clock(left)) : text.left(clock(left))}
      </span>
      <span class="hint" dir="auto">
        <Shown text={text.otherwise(deadline.otherwise)} />
      </span>
      <button
        type="button"
        class="quiet"
        aria-disabled={isOff}
        onClick={() => isOff || store.pause(question, isPaused)}
      >
        {isPaused ? text.goOn : text.pause}
      </button>
    </p>
  );
}

/** Seconds that are left, by the kernel's clock. */
function useLeft(store: Store, at: number | null, paused: number | null): number {
  const [, tick] = useState(0);
  const counts = at !== null && paused === null;
  useEffect(() => {
    if (!counts) return;
    const timer = setInterval(() => tick((count) => count + 1), SECOND);
    return () => clearInterval(timer);
  }, [counts]);
  if (paused !== null) return paused;
  return at === null ? 0 : Math.max(0, at - store.kernelTime());
}

function clock(seconds: number): string {
  const all = Math.ceil(seconds);
  const parts = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
}
