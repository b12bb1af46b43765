getData(
{
"commentIds": [
"7513"
],
"comments": {
"7513": {
"against": 0,
"anonymous": false,
"buildLevel": 1,
"commentId": 7513,
"content": "终于到底了",
"createTime": "2026-01-10 12:02:00",
"favCount": 0,
"ip": "203.0.*.*",
"isDel": false,
"postId": "KTEST0AB0511WXYZ_7513",
"productKey": "a2869674571f77b5a0867c3d71db5856",
"shareCount": 0,
"siteName": "网易",
"source": "ph",
"user": {
"userId": 9005,
"location": "湖北武汉",
"nickname": "沙发客"
},
"vote": 0
}
},
"newListSize": 61
});