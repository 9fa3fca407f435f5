/** What became of the requests, and the child's resident memory after the warm-up and at the end, in bytes. */
export interface StressCounts {
  requests: number;
  ok: number;
  coded: number;
  stuck: number;
  wrong_rows: number;
  rss_start: number;
  rss_end: number;
}

export function stress(requests: number, onProgress?: (done: number, total: number) => void): Promise<StressCounts>;
export function passed(counts: StressCounts): boolean;
