// Valid URIs of every form: what mutation starts from.

export const URI_SAMPLES: readonly string[] = [
  'https://kytos02.cs.virginia.edu:443/cs3130-spring2023/quizzes/quiz.php?qid=02#q2',
  'sftp://cr4bd@portal.cs.virginia.edu/u/cr4bd/file.txt',
  'tel:+1-434-982-2200',
  'http://[2001:db8::7]:8080/a/%7e/../b;c=1?d=e&f#g',
  'http://[v7.x:y]/',
  '//www.cs.virginia.edu/~cr4bd/3130/S2023/',
  '../over/./there?x#y',
];
