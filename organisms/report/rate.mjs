export const percent = (value) => `${(100 * value).toFixed(1)} %`;

/** Rate, 95 % Wilson interval and number of answers, as cells of a table. */
export const cells = ({ rate, low, high, n }) => `${percent(rate)} | ${percent(low)} - ${percent(high)} | ${n}`;
