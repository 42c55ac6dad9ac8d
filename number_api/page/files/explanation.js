// Says in words what the sum formula finds, and why it cannot find several numbers.

const format = (number) => number.toLocaleString("en");
const add = (numbers) => numbers.map(format).join(" + ");

export const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

// Returns { finding, explanation } for the numbers that are out, ascending.
export function explain(extracted, maxNumber) {
  if (extracted.length === 0) {
    return { finding: "Nothing is missing.", explanation: "Both sums are the same. Take a number out." };
  }
  if (extracted.length === 1) {
    return {
      finding: `${extracted[0]} is missing.`,
      explanation: "One number is out, so the difference is that number, whichever it is.",
    };
  }
  const difference = sum(extracted);
  const what =
    difference <= maxNumber
      ? `The difference is ${format(difference)}, but ${format(difference)} is still here.`
      : `The difference is ${format(difference)}, which is none of the ${maxNumber}.`;
  const others = sameSum(extracted, maxNumber);
  const why =
    others && extracted.length <= 4
      ? `It is ${add(extracted)}, and just as well ${add(others)}: a sum cannot tell which.`
      : `It is the sum of all ${extracted.length} that are out, and a sum cannot tell which they are.`;
  return { finding: `${extracted.length} numbers are missing.`, explanation: `${what} ${why}` };
}

// As many other numbers with the same sum: one of them is a step smaller, another a step larger.
function sameSum(extracted, maxNumber) {
  const out = new Set(extracted);
  const free = (number) => number >= 1 && number <= maxNumber && !out.has(number);
  for (const one of extracted) {
    for (const another of extracted) {
      if (one !== another && free(one - 1) && free(another + 1) && one - 1 !== another + 1) {
        const moved = new Map([[one, one - 1], [another, another + 1]]);
        return extracted.map((number) => moved.get(number) ?? number).sort((a, b) => a - b);
      }
    }
  }
  return null;
}
