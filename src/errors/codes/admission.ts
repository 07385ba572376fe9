import type { CodeEntry } from './entry.ts'

/** A pod that asked for Lanyard and cannot have it: every problem is reported in one denial. */
export const admissionCodes = {
  PodInvalid: {
    area: 'admission',
    cause: 'The pod does not have the shape of a Kubernetes Pod.',
    fix: 'Correct the field that is named.',
  },
  AnnotationUnknown: {
    area: 'admission',
    cause: 'There is no such annotation under lanyard.dev/.',
    fix: 'Correct the spelling, or remove the annotation; the reference page on annotations lists them all.',
  },
  AnnotationInvalid: {
    area: 'admission',
    cause: 'The value of the annotation does not parse.',
    fix: 'Give a value of the form that the message describes.',
  },
  AnnotationMisplaced: {
    area: 'admission',
    cause: 'The annotation is read on another kind of object only.',
    fix: 'Move it there.',
  },
  AnnotationsConflict: {
    area: 'admission',
    cause: 'Annotations contradict each other, or what the operator has set.',
    fix: 'Change one of them.',
  },
  RoleMissing: {
    area: 'admission',
    cause: 'There are lanyard.dev/ annotations, but none says which role.',
    fix: 'Add lanyard.dev/role-arn or lanyard.dev/container-roles to the pod, its ServiceAccount or its namespace, or lanyard.dev/inject: "false" to opt out.',
  },
  RoleAccountUnknown: {
    area: 'admission',
    cause: 'The role is a bare name, and the operator has set no account for it.',
    fix: 'Write the full ARN, or ask the operator to set aws.accountId.',
  },
  ContainerUnknown: {
    area: 'admission',
    cause: 'An annotation names a container that the pod does not have, or one that starts before the sidecar.',
    fix: 'Correct the name: the message lists the containers that can have credentials.',
  },
  NoTargetContainer: {
    area: 'admission',
    cause: 'No container of the pod would get credentials.',
    fix: 'Select at least one container, or opt the pod out with lanyard.dev/inject: "false".',
  },
  HostNetworkNotSupported: {
    area: 'admission',
    cause:
      "The pod uses the node's network, where 127.0.0.1 is the node's and every pod on it could ask for credentials.",
    fix: 'Remove hostNetwork: true from the pod, or set lanyard.dev/mode: "direct".',
  },
  PidNamespaceShared: {
    area: 'admission',
    cause:
      'Processes of the pod see each other (shareProcessNamespace or hostPID), so a container can read the tokens of another through /proc.',
    fix: 'Remove shareProcessNamespace or hostPID, or give all containers the same role with lanyard.dev/role-arn alone.',
  },
  ContainerNameTaken: {
    area: 'admission',
    cause: 'A container of the pod has a name that is reserved for Lanyard.',
    fix: 'Rename that container.',
  },
  VolumeMountedByOthers: {
    area: 'admission',
    cause: "A container mounts one of Lanyard's own volumes in another way than Lanyard does.",
    fix: 'Remove that mount: the volumes hold the identity token, the endpoint tokens and the credentials.',
  },
  MountPathTaken: {
    area: 'admission',
    cause: 'A container mounts something of its own at the path where its endpoint token belongs, or above it.',
    fix: 'Mount it elsewhere.',
  },
  PortTaken: {
    area: 'admission',
    cause: 'A container declares a port that the sidecar needs.',
    fix: 'Choose another with lanyard.dev/credentials-port or lanyard.dev/metrics-port.',
  },
  EnvWinsOverLanyard: {
    area: 'admission',
    cause: 'A container sets a variable that every AWS SDK prefers to the credentials Lanyard serves.',
    fix: 'Remove the variable, or take the container out of lanyard.dev/containers or lanyard.dev/container-roles.',
  },
  ImdsSharedByPod: {
    area: 'admission',
    cause: 'IMDS knows no containers: whichever are chosen, every container of the pod can have the role.',
    fix: 'Remove what chooses containers, or lanyard.dev/protocol: "imds"; or ask the operator for imds.sharedByPod.',
  },
  ImdsSeveralRoles: {
    area: 'admission',
    cause: 'IMDS has one role for the whole pod, and its containers are to have several.',
    fix: 'Give all of them one role by lanyard.dev/role-arn, or remove lanyard.dev/protocol: "imds".',
  },
  RoleNotPermitted: {
    area: 'admission',
    cause: 'The namespace may not use that role.',
    fix: 'Choose a role that is permitted, or ask the operator to add it to lanyard.dev/permitted-roles of the namespace.',
  },
  PermissionInvalid: {
    area: 'admission',
    cause: 'The roles that the namespace may use cannot be read.',
    fix: 'Ask the operator to correct lanyard.dev/permitted-roles of the namespace.',
  },
  IdentityProviderUnknown: {
    area: 'admission',
    cause: 'The operator has declared no identity provider of that name.',
    fix: 'Correct the name, or remove lanyard.dev/identity-provider to use the service account.',
  },
  IdentityProviderNotAllowed: {
    area: 'admission',
    cause: 'The identity provider is not for pods of that namespace.',
    fix: 'Choose another, or ask the operator to add the namespace to its namespaces.',
  },
  IdentityFileUnwritten: {
    area: 'admission',
    cause:
      'The identity provider reads a file that another container of the pod keeps fresh, and the pod has no such container or volume.',
    fix: 'Add the volume, and an init container with restartPolicy: Always that writes into it.',
  },
  ChainDurationTooLong: {
    area: 'admission',
    cause: 'A session by role chaining lasts an hour at most, and STS refuses a longer one.',
    fix: 'Set lanyard.dev/session-duration to 1h or less, or remove it.',
  },
  UserCredentialsNotAvailable: {
    area: 'admission',
    cause: "The pod asks for credentials of its app's users, and the operator has set up none for its namespace.",
    fix: 'Ask the operator for a role in userRoles, or remove lanyard.dev/user-credentials.',
  },
  RoleOfNoAccount: {
    area: 'admission',
    cause: 'The role has no AWS account in its ARN, as roles of other servers have, and STS is that of AWS.',
    fix: 'Write the account of the role, or have the operator set aws.stsEndpoint to the server that the role is of.',
  },
  DirectModeNotPermitted: {
    area: 'admission',
    cause:
      'In direct mode the app holds the raw identity token, with which it could have roles that its namespace may not use.',
    fix: 'Use lanyard.dev/mode: "sidecar".',
  },
  DirectModeConflict: {
    area: 'admission',
    cause: 'The pod asks for something that only the sidecar can do, and for direct mode, which has none.',
    fix: 'Remove the annotation, or lanyard.dev/mode: "direct".',
  },
  SourceUnreadable: {
    area: 'admission',
    cause: 'The annotations of the ServiceAccount and the namespace could not be read from the API server.',
    fix: 'Create the pod again (controllers do); if it lasts, look at the log of the webhook.',
  },
  WebhookNeeded: {
    area: 'admission',
    cause: 'The pod asks for something that only the webhook can do, and the operator runs Lanyard without one.',
    fix: 'Do without it, or ask the operator for the webhook (injector: webhook).',
  },
  InjectionChanged: {
    area: 'admission',
    cause:
      'Without a webhook: what Lanyard puts into the pod is missing, or not as Lanyard writes it, since somebody else wrote it before or changes it afterwards.',
    fix: 'Remove what the message names from the pod, or keep what changes it from pods of Lanyard.',
  },
  RegionMissing: {
    area: 'admission',
    cause:
      'No region is set, and one is needed: STS of the China and GovCloud partitions has no global endpoint, FIPS and dual stack choose among those of a region, and IMDS is asked for the region.',
    fix: 'Set lanyard.dev/region, or ask the operator to set aws.region.',
  },
  RegionOfAnotherPartition: {
    area: 'admission',
    cause: 'The role is in one AWS partition and the region in another, which have nothing to do with each other.',
    fix: 'Set lanyard.dev/region to a region of the role.',
  },
  SessionNameLocked: {
    area: 'admission',
    cause: 'The operator does not let pods choose their session name, so that CloudTrail shows who really asked.',
    fix: 'Remove lanyard.dev/session-name.',
  },
  TagKeyReserved: {
    area: 'admission',
    cause: 'The operator does not let pods set that session tag, since IAM decides by it.',
    fix: 'Take it out of lanyard.dev/assume-role-tags.',
  },
  StsEndpointNotAllowed: {
    area: 'admission',
    cause: 'The STS endpoint is not one that the operator allows.',
    fix: 'Ask the operator to add it to aws.allowedStsEndpoints, or remove lanyard.dev/sts-endpoint.',
  },
} as const satisfies Record<string, CodeEntry>
