import { useEffect, useState } from "preact/hooks";
import * as strings from "./strings";

const { copy, copied, copyFailed } = strings.snippets;
const SHOWN_MS = 1500;

export function CopyButton({ text }: { text: string }) {
  const [label, setLabel] = useState(copy);
  useEffect(() => {
    if (label === copy) return;
    const timer = setTimeout(() => setLabel(copy), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [label]);
  const onClick = async (event: MouseEvent & { currentTarget: HTMLElement }) => {
    const done = await copyText(text, event.currentTarget);
    setLabel(done ? copied : copyFailed);
  };
  return (
    <button type="button" class="copy" onClick={onClick}>
      <span aria-live="polite">{label}</span>
    </button>
  );
}

async function copyText(text: string, near: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text, near); // no clipboard on a page served over plain http
  }
}

function copyBySelection(text: string, near: HTMLElement): boolean {
  const area = document.createElement("textarea");
  area.className = "offscreen";
  area.value = text;
  near.after(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  near.focus();
  return done;
}
