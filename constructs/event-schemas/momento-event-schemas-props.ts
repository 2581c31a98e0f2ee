/**
 * Props for `MomentoEventSchemas`.
 */
export interface MomentoEventSchemasProps {
  /**
   * The name of an existing schema registry, in the stack's account and region, that the schemas are added to: 1 to 64 letters,
   * digits, `.`, `-` and `_`, or a token. The registry `aws.events` is AWS's own.
   *
   * A registry has each schema once: with a registry of their own, several stacks of an account can use this construct.
   *
   * @default - a new registry, named by CloudFormation
   */
  readonly existingRegistryName?: string;
}
