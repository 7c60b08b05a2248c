/** Configurations as people have them, and odd ones; `FILE` stands for the name of a further file of the test. */
export const configurations: Readonly<Record<string, string>> = {
  'nothing at all': '',
  'only comments': '# Host node1\n#   User nobody\n\n',
  'one host': 'Host node1\n  HostName 10.0.0.1\n  User ops\n  IdentityFile ~/.ssh/cluster\n',
  'all hosts': 'Host *\n  User ops\n  Port 2222\n',
  'lines before any Host': 'User ops\nHost node1\n  User other\n',
  'a pattern': 'Host node*\n  User ops\n  ProxyJump bastion\n',
  'a pattern with a question mark': 'Host node?\n  Port 2201\n',
  'a pattern that forbids': 'Host * !node2\n  User ops\n',
  'only a pattern that forbids': 'Host !node2\n  User ops\n',
  'several patterns': 'Host web* node1 db?\n  Port 2202\n',
  'a block for each host, HostName only':
    'Host node1\n  HostName 10.0.0.1\nHost node2\n  HostName 10.0.0.2\nHost node3\n  HostName 10.0.0.3\n',
  'a block for each host, as Vagrant writes it':
    'Host node1\n  HostName 127.0.0.1\n  User vagrant\n  Port 2222\n  UserKnownHostsFile /dev/null\n  StrictHostKeyChecking no\n  PasswordAuthentication no\n  IdentityFile /v/node1/key\n  IdentitiesOnly yes\n  LogLevel FATAL\nHost node2\n  HostName 127.0.0.1\n  User vagrant\n  Port 2200\n  IdentityFile /v/node2/key\n',
  'HostName by a token': 'Host node*\n  HostName %h.example.com\n',
  'HostName by a token with a percent sign': 'Host node*\n  HostName %h%%x\n',
  'HostName in upper case': 'Host node*\n  HostName %h.EXAMPLE.com\n',
  'two HostNames, the first counts':
    'Host node1\n  HostName a.example\nHost node*\n  HostName b.example\n',
  'HostName after a block without one':
    'Host node1\n  User a\nHost node2\n  User a\nHost *\n  HostName %h.lan\n',
  'the same body for different blocks':
    'Host node1\n  User a\nHost node2\n  User a\nHost web1\n  User b\n',
  'equal signs': 'Host=node1\n  User=ops\n  Port = 2203\n',
  quotes: 'Host "node1" node2\n  IdentityFile "~/my keys/id"\n',
  'single quotes': "Host 'node1'\n  User ops\n",
  'keywords in upper case': 'HOST node1\n  USER ops\n',
  'tabs and blanks': '\tHost\tnode1   node2\t\n\t\tUser\tops  \n',
  'carriage returns': 'Host node1\r\n  User ops\r\n',
  'tokens in files': 'Host *\n  IdentityFile ~/.ssh/%h_%r_%p_%n\n',
  'tokens in known hosts': 'Host *\n  UserKnownHostsFile ~/.ssh/known_%h\n',
  'tokens of this machine': 'Host *\n  UserKnownHostsFile %d/.ssh/known_%u\n',
  'tokens in an agent': 'Host node1\n  IdentityAgent /run/%h.agent\n',
  'a jump by a token': 'Host node*\n  ProxyJump gate-%h\n',
  'a chain of jumps': 'Host node*\n  ProxyJump a,ops@b:2222,[2001:db8::1]:22\n',
  'no jump for one': 'Host node1\n  ProxyJump none\nHost node*\n  ProxyJump bastion\n',
  'a proxy command': 'Host node*\n  ProxyCommand ssh -W %h:%p -q bastion\n',
  'Match all': 'Match all\n  User ops\n',
  'Match host, which sees HostName': 'Host node1\n  HostName db1.lan\nMatch host db*\n  User dba\n',
  'Match host, before HostName': 'Match host db*\n  User dba\nHost node1\n  HostName db1.lan\n',
  'Match host and HostName by a token':
    'Host node*\n  HostName %h.lan\nMatch host node1.lan,node3.lan\n  User ops\n',
  'Match originalhost': 'Match originalhost node1,web*\n  User ops\n',
  'Match that forbids': 'Match !originalhost node1\n  User ops\n',
  'Match user': 'Host node1\n  User ops\nMatch user ops\n  Port 2204\n',
  'Match exec for all': 'Match exec "true"\n  User ops\n',
  'Match exec for each': 'Match exec "test %h = node2"\n  User ops\n',
  'Match exec that fails': 'Match exec "false"\n  User ops\nHost *\n  User other\n',
  'Match localuser': 'Match localuser nobody\n  User ops\n',
  'Match with several criteria': 'Match host node* user ops exec true\n  Port 2205\n',
  'Match final': 'Match final host *.lan\n  User ops\nHost node1\n  HostName node1.lan\n',
  'Match final, and Host for dialled names':
    'Host node1\n  HostName 10.0.0.1\nHost node2\n  HostName 192.168.0.2\nHost 10.0.*\n  ProxyJump gate\n  User alice\nMatch final all\n  Ciphers aes256-ctr\n',
  'HostName under Match': 'Match originalhost node1\n  HostName 10.0.0.9\n',
  'canonical names': 'CanonicalizeHostname yes\nCanonicalDomains invalid\nHost node1\n  User ops\n',
  'no canonical names': 'CanonicalizeHostname no\nHost node1\n  User ops\n',
  'an include': 'Include FILE\nHost *\n  User ops\n',
  'an include in a block': 'Host node1\n  Include FILE\nHost *\n  User ops\n',
  'an include by a pattern': 'Include FILE*\nInclude /nonexistent/*\n',
  algorithms:
    'Host node1\n  Ciphers +aes256-cbc\n  MACs hmac-sha2-512\nHost node2\n  KexAlgorithms ^ecdh-sha2-nistp256\n',
  times: 'Host node*\n  ConnectTimeout 1m\n  ServerAliveInterval 15\n  ServerAliveCountMax 4\n',
  'host keys':
    'Host node1\n  HostKeyAlias Alias1\nHost *\n  StrictHostKeyChecking accept-new\n  HashKnownHosts yes\n',
  'ways to log in':
    'Host node*\n  PreferredAuthentications publickey\nHost web1\n  PubkeyAuthentication no\n',
  'a number sign in a name': 'Host node1 #node2\n  User ops\n',
}

/** What the included file of a test says. */
export const included = 'Host node2\n  HostName 10.9.9.9\n  Port 2299\nHost web1\n  User web\n'

/** Names to ask for. */
export const names = ['node1', 'node2', 'web1', 'db1', 'Node2', 'node10.lan']
