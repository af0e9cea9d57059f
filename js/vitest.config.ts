import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    environment: "happy-dom",
    include: ["test/**/*.test.{ts,tsx}"],
    // Properties with many examples take seconds, on a busy machine more than the usual five.
    testTimeout: 30_000,
  },
});
