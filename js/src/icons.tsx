/** Shapes on a 12 × 12 grid; each state has a separate shape, so that colour is not the only difference. */
const ROUND = "M6 1a5 5 0 1 0 0 10A5 5 0 0 0 6 1z";

const shapes = {
  working: "M6 1.5a4.5 4.5 0 1 1-4.5 4.5",
  asking: `M6 3.2v3.4M6 8.8v.2${ROUND}`,
  done: "M2 6.5 4.8 9.2 10 3.2",
  failed: "M2.5 2.5l7 7M9.5 2.5l-7 7",
  gone: `M2 6h8${ROUND}`,
  still: ROUND,
};

export type Shape = keyof typeof shapes;

export function Icon({ shape }: { shape: Shape }) {
  return (
    <svg class={`icon icon-${shape}`} viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
      <path d={shapes[shape]} />
    </svg>
  );
}
