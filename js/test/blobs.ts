import { vi } from "vitest";

/** Node imports no blob: URL, so code goes through a data: URL in tests. */
export function importThroughData(): void {
  vi.spyOn(URL, "createObjectURL").mockImplementation((blob) => (blob as unknown as { url: string }).url);
  vi.stubGlobal(
    "Blob",
    class {
      readonly url: string;
      constructor([code]: string[]) {
        this.url = `data:text/javascript,${encodeURIComponent(code ?? "")}`;
      }
    },
  );
}
