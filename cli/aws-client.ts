/** The settings of every client. Where no region is known the SDK looks for one, in the places where the AWS CLI does. */
export function clientSettings(region: string | undefined): { readonly region?: string } {
  return region === undefined ? {} : { region };
}

/** The region in an ARN; nothing where it is a name, or has none. */
export function regionOfArn(nameOrArn: string): string | undefined {
  const [prefix, , , region] = nameOrArn.split(':');
  return prefix === 'arn' && region ? region : undefined;
}

/** The region in the URL of a queue; nothing where it is of no AWS region, such as that of an emulator. */
export function regionOfQueue(url: string): string | undefined {
  const [, current, legacy] =
    /^https:\/\/(?:sqs\.([-a-z]+-\d+)\.(?:amazonaws|api)|([-a-z]+-\d+)\.queue\.amazonaws)\./.exec(url) ?? [];
  return current ?? legacy;
}
