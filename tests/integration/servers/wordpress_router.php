<?php
// php -S serves what is a file; the rest is WordPress's.
$file = $_SERVER['DOCUMENT_ROOT'] . parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if (is_file($file)) return false;
require $_SERVER['DOCUMENT_ROOT'] . '/index.php';
