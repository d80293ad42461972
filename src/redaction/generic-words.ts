/**
 * Words that name nobody, so they stay as they are even where a client or a connector calls itself so: those of the
 * protocol, the product and this program, and the short words of which sentences are made. Without them a client that says
 * `EHLO server` would turn every sentence about a server into a riddle.
 */
const WORDS = `
a about above access accept accepted account accounts across action add address addresses adds after again agent all allow
allowed already also always an and anonymous another answer answers any anyone anything application applications are as asked at
attribution audit auth authenticated authentication author back bad banner basic be because been before began begin behind below
beside best better between beyond big binding bindings block body both bound broken but by bytes call called came can cannot
case cause certificate certificates change changed changes check checked checks claim class client clients close closed code
command commands comes common complete confidence configuration configured connect connected connection connections connector
connectors context continued copy correct could count coverage critical current custom cut damage data database date day days
decided default defaults delivered delivery denied destination detail device devices did differ different difference direction
disabled disconnect does domain domains done down duration each early edge either else enabled encryption end ended ends error
errors event events every everything evidence exact example except exchange exists expected external extended failed failing fails
failure false few fields file files filter find finding findings first fix for format found four free from front frontend full get
give given gives go goes group groups had half handed handshake hard has have having head header health held hello helo ehlo lhlo
here high him his hold holds hop host hosts hour hours how hub id identity if import imported in inbound info information inside
instead integrated internal internet into ip is it its itself just keep kept key kind kinds know known lacks large last later
latest least left less level lies like limit limited limits line lines link links list listed listen local localhost locally
log logged logging login logon logs long longest low made mail mailbox mailer main make makes many mask match may me mean means
meant meanwhile mechanism medium member message messages microsoft might minute minutes missing mode more most much must name named names
near nearest need needed needs neither network never new newest next no nobody none nor normal not note nothing now number obstacle
of off offered often ok old oldest on once one only open option options or order origin other others otherwise our out outbound
outcome outside over own owner page parameter part partial pass password path peer people per period permission permissions
person plain please point port ports possible present private probably probe problem product properties property protocol proves
proxied proxy public put queue queued quit rate rather read reads reason reasons receive received recipient recipients refer
refused refuses reject rejected relay relayed relaying relays remedy remote reply replies report request required requires rest
reset result results right rights role root row rows rule rules run safe said same saw say says scan scanner scanners second seconds
section security see seen send sender senders sends sent sequence serial server servers service services session sessions set
setting settings several severity shall she should show shows side silent since site size small smaller smart smtp so some somebody
something soon source sources spam stage stands start started state stay step stays still stop submit such support sure system
table take taken takes target tells test tests text than that the their them then there these they thing things this those three
through thus time timed timeout times title tls ssl to today together told too top total totals transaction transactions transport tree
tried tries true trust try turn turned two type uncertain under unknown unlimited unread until up upon use used user users uses usual valid
value values verbose verdict verdicts version very wait want wants was way we well went were what when where whether which while who
whom whose why widest wide will windows wins with within without word words work works would write written wrong yes yesterday yet
you your zone abandoned accepts printer printers copier fax camera phone desktop laptop pc workstation notebook computer gateway
mailserver exchangeserver webserver web www mx mta smtpd localdomain intermediate com net org gov edu example invalid lan corp
helps high expn vrfy rcpt rset noop bdat starttls xproxy xproxyfrom xproxyto xanonymoustls exps gssapi ntlm kerberos cram md5 external
externalauthoritative basicauth basicauthrequiretls challengeresponse nego size pipelining dsn enhancedstatuscodes chunking binarymime
smtputf8 xrdst xexch50 xoorg mon tue wed thu fri sat sun jan feb mar apr jun jul aug sep oct nov dec utc gmt cet cest
frontendtransport hubtransport authoritative exchangeservers exchangeusers exchangelegacyservers anonymoususers partners
exceptions helo device devices since firstseen lastseen json csv html text winsock win32 socketerror connectionreset
nt authority builtin everyone iis administrator administrators admin guest guests tenant cloud office office365 outlook azure
rowcount unclassified mixed ipv4 ipv6 loopback subject issuer thumbprint sni autodiscover owa ftp imap pop alternate alternative chain status`;

const GENERIC: ReadonlySet<string> = new Set(WORDS.split(/\s+/).filter((word) => word !== ''));

/** TLS1.2, a session-id, the end of a time: what clients do not call themselves, unless to spoil the output. */
const LIKE_LOGGED = /^((tls|ssl)\d.*|[0-9a-f]{16}|\d+[tz]\d*)$/i;

/**
 * True for what identifies nobody: names of which every word is one of those above, and what has no letter or is a single
 * character. A number makes a name out of them: SCANNER-01.
 */
export function isGeneric(name: string): boolean {
  const words = name.toLowerCase().match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
  if (!words.some((word) => /\p{L}/u.test(word)) || name.trim().length < 2) return true;
  return words.every((word) => GENERIC.has(word) || /^\p{L}$/u.test(word)) || LIKE_LOGGED.test(name);
}
