/** A boolean in a cell: a box with or without a tick. Screen readers and the clipboard have the word. */
export function Tick({ on }: { on: boolean }) {
  return (
    <span class="ticked">
      <span class={on ? "box on" : "box"} aria-hidden="true" />
      <span class="unseen">{String(on)}</span>
    </span>
  );
}
