// How long bringing a run to its trainer may take, and how long others wait for it: what a run being paid for once rests on.
// All are milliseconds. How they depend on each other stands in test/domain/submission-times.test.ts; change none without it.

/** The activity that brings files, and what it gives itself, so that it says itself what it waited for. */
export const UPLOAD = { activity: 30 * 60_000, itself: 25 * 60_000 };

/** The activity that submits: what Temporal gives it. */
export const SUBMITTING = 60_000;
/** From that activity's start: for reading, looking and submitting together. Later nothing leaves, and what has left is given up. */
export const LEAVES_WITHIN = 30_000;
/** One request to a trainer. */
export const REQUEST_TIMEOUT = 20_000;

/** The activity that cancels the jobs of a cycle, which has two runs at most: what Temporal gives it. */
export const CANCELLING = 120_000;
/** Of that, and of what is left after a submission: for finding and cancelling the jobs of one run. */
export const CANCEL_TIMEOUT = 20_000;

/** How long a submission may be under way once it has left (`sent_at`). It leaves after its activity's start. */
export const UNDER_WAY = 40_000;
/** What workflows wait before they look for the job of a submission that may be under way: lists lag behind, too. */
export const SETTLING = 45_000;
